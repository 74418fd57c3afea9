/* One program a folder of daemon/, with the whole folder and just what it may use (meson.build):
 * a call upwards does not link. */
int main(void)
{
    return 0;
}
