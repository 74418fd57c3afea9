/* Which addresses and URLs are refused before anything is connected to. */
#include "bench.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

static bool allowed(const char *text, struct address_rule *const *rules, size_t count)
{
    struct sockaddr_storage address = {0};
    struct sockaddr_in *v4 = (struct sockaddr_in *)&address;
    struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&address;
    if (inet_pton(AF_INET, text, &v4->sin_addr) == 1)
        address.ss_family = AF_INET;
    else if (inet_pton(AF_INET6, text, &v6->sin6_addr) == 1)
        address.ss_family = AF_INET6;
    else
        fail_msg("no address: %s", text);
    return address_allowed((const struct sockaddr *)&address, rules, count);
}

static void special_networks_are_refused_at_both_ends(void **state)
{
    (void)state;
    static const char *const refused[] = {
        "0.0.0.0",
        "0.255.255.255",
        "10.0.0.0",
        "10.255.255.255",
        "100.64.0.0",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.255",
        "169.254.0.0",
        "169.254.169.254",
        "169.254.255.255",
        "172.16.0.0",
        "172.31.255.255",
        "192.0.0.0",
        "192.0.0.255",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.0.0",
        "192.168.255.255",
        "198.18.0.0",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.9",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:0:7f00:1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::808:808",
        "100::1",
        "2001::1",
        "2001:1ff:ffff::1",
        "2001:db8::1",
        "2002:7f00:1::1",
        "2002:808:808::1",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fdff::1",
        "fe80::1",
        "febf::1",
        "fec0::1",
        "ff02::1",
        "ffff::1",
        "4000::1",
        "1fff::1",
    };
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        if (allowed(refused[i], NULL, 0))
            fail_msg("allowed: %s", refused[i]);
    }
}

static void the_neighbours_of_special_networks_are_public(void **state)
{
    (void)state;
    static const char *const fine[] = {
        "1.0.0.0",        "8.8.8.8",         "9.255.255.255", "11.0.0.0",        "100.63.255.255",
        "100.128.0.0",    "126.255.255.255", "128.0.0.0",     "169.253.255.255", "169.255.0.0",
        "172.15.255.255", "172.32.0.0",      "192.0.1.0",     "192.0.3.0",       "192.167.255.255",
        "192.169.0.0",    "198.17.255.255",  "198.20.0.0",    "198.51.99.1",     "203.0.112.1",
        "203.0.114.1",    "223.255.255.255", "2001:200::1",   "2001:db7::1",     "2001:db9::1",
        "2003::1",        "2400:cb00::1",    "2606:4700::1",  "::ffff:8.8.8.8",  "64:ff9b::808:808",
        "3ffe::1",
    };
    for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
        if (!allowed(fine[i], NULL, 0))
            fail_msg("refused: %s", fine[i]);
    }
}

static void other_families_are_refused(void **state)
{
    (void)state;
    const struct sockaddr_un local = {.sun_family = AF_UNIX, .sun_path = "/run/socket"};
    assert_false(address_allowed((const struct sockaddr *)&local, NULL, 0));
}

static void a_rule_opens_its_network_in_every_form(void **state)
{
    (void)state;
    struct address_rule *rules[2];
    assert_int_equal(address_rule_read(NULL, "10.1.0.0/16", &rules[0]), 0);
    assert_int_equal(address_rule_read(NULL, "fd00:1::/32", &rules[1]), 0);
    assert_true(allowed("10.1.2.3", rules, 2));
    assert_true(allowed("::ffff:10.1.2.3", rules, 2));
    assert_true(allowed("64:ff9b::a01:203", rules, 2));
    assert_true(allowed("2002:a01:203::1", rules, 2));
    assert_true(allowed("fd00:1::5", rules, 2));
    assert_false(allowed("10.2.0.1", rules, 2));
    assert_false(allowed("fd00:2::5", rules, 2));
    assert_false(allowed("127.0.0.1", rules, 2));
    talloc_free(rules[0]);
    talloc_free(rules[1]);
}

static void a_rule_is_an_address_with_or_without_a_length(void **state)
{
    (void)state;
    static const char *const good[] = {"127.0.0.1", "127.0.0.1/32", "10.0.0.0/8", "0.0.0.0/0",
                                       "::1",       "::1/128",      "fd00::/8",   "10.1.2.3/8"};
    static const char *const bad[] = {"",
                                      "/",
                                      "/8",
                                      "10/8",
                                      "10.0.0.0/",
                                      "10.0.0.0/33",
                                      "10.0.0.0/-1",
                                      "10.0.0.0/8 ",
                                      " 10.0.0.0/8",
                                      "::1/129",
                                      "localhost",
                                      "10.0.0.0/8/8",
                                      "10.0.0.0/+8",
                                      "010.0.0.0/8",
                                      "fd00::/0008"};
    struct address_rule *rule = NULL;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_int_equal(address_rule_read(NULL, good[i], &rule), 0);
        talloc_free(rule);
    }
    rule = NULL;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (address_rule_read(NULL, bad[i], &rule) != -EINVAL)
            fail_msg("taken: %s", bad[i]);
        assert_null(rule);
    }
}

static const char *check(const char *url, bool http_allowed)
{
    const char *why = NULL;
    int r = transfer_check_url(url, http_allowed, NULL, 0, &why);
    assert_true(r == 0 || (r == -EINVAL && why != NULL));
    return why;
}

static void plain_urls_pass(void **state)
{
    (void)state;
    static const char *const fine[] = {
        "https://hooks.example.org/a/b?c=d",
        "https://hooks.example.org",
        "https://EXAMPLE.org/",
        "https://example.org:443/",
        "https://example.org:8443/x",
        "https://8.8.8.8/",
        "https://[2606:4700::1111]/",
        "https://xn--wgv71a119e.jp/",
        "https://a_b.example.org/",
        "https://example.org/@handle",
        "https://example.org/#part",
        "https://1e100.net/",
        "https://example.org/%E7%83%BD",
    };
    for (size_t i = 0; i < sizeof(fine) / sizeof(fine[0]); i++) {
        if (check(fine[i], false) != NULL)
            fail_msg("%s: %s", fine[i], check(fine[i], false));
    }
    assert_null(check("http://example.org/", true));
    assert_null(check("http://example.org:8080/", true));
    assert_null(check("https://example.org:9000/", true));
}

static void odd_urls_are_refused(void **state)
{
    (void)state;
    static const char *const refused[] = {
        "",
        "x",
        "https://",
        "https:///x",
        "//example.org",
        "example.org",
        "http://example.org/",
        "ftp://example.org/",
        "file:///etc/passwd",
        "gopher://example.org/",
        "javascript:alert(1)",
        "https:example.org",
        "https:/example.org",
        "https://user@example.org/",
        "https://user:pass@example.org/",
        "https://example.org@127.0.0.1/",
        "https://127.0.0.1\\@example.org/",
        "https://example.org\\.evil.org/",
        "https://example.org:22/",
        "https://example.org:80/",
        "https://example.org:0/",
        "https://example.org:65536/",
        "https://example.org:99999999999443/",
        "https://example.org:+443/",
        "https://example.org:x/",
        "https://exa mple.org/",
        "https://example.org/a b",
        "https://example.org/\r\nX: y",
        "https://example.org/\t",
        "\nhttps://example.org/",
        " https://example.org/",
        "https://例え.jp/",
        "https://example.org/狼煙",
        "https://example.org./",
        "https://.example.org/",
        "https://a..b/",
        "https://-a.org/",
        "https://a-.org/",
        "https://exam%70le.org/",
        "https://localhost/",
        "https://LOCALHOST/",
        "https://a.localhost/",
        "https://localhost./",
        "https://localhost.localdomain/",
        "https://ip6-localhost/",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://127.0.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.0.0.1/",
        "https://0X7F.1/",
        "https://0177.0.0.1/",
        "https://017700000001/",
        "https://127.0.0.01/",
        "https://127.000.000.001/",
        "https://127.0.0.1./",
        "https://256.1.1.1/",
        "https://1.2.3.4.5/",
        "https://0/",
        "https://0.0.0.0/",
        "https://%31%32%37.0.0.1/",
        "https://１２７.0.0.1/",
        "https://127。0。0。1/",
        "https://①②⑦.0.0.1/",
        "https://[::1]/",
        "https://[::]/",
        "https://[0:0:0:0:0:0:0:1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:7f00:1]/",
        "https://[::127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/",
        "https://[fe80::1%25eth0]/",
        "https://[fe80::1%eth0]/",
        "https://[::1",
        "https://::1/",
        "https://[]/",
        "https://[127.0.0.1]/",
        "https://[v1.x]/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[fd00:ec2::254]/",
        "https://10.0.0.1/",
        "https://192.168.1.1/",
        "https://172.16.0.1/",
        "https://100.64.0.1/",
        "https://224.0.0.1/",
        "https://0x/",
        "https://example.0x1/",
        "https://example.123/",
    };
    size_t count = sizeof(refused) / sizeof(refused[0]);
    assert_true(count >= 60);
    for (size_t i = 0; i < count; i++) {
        if (check(refused[i], false) == NULL)
            fail_msg("taken: %s", refused[i]);
    }
}

static void a_rule_opens_literal_hosts_at_any_port_but_not_odd_spellings(void **state)
{
    (void)state;
    const char *why;
    struct address_rule *rules[1];
    assert_int_equal(address_rule_read(NULL, "127.0.0.0/8", &rules[0]), 0);
    assert_int_equal(transfer_check_url("https://127.0.0.1:9000/", false, rules, 1, &why), 0);
    assert_int_equal(transfer_check_url("http://127.0.0.1:9000/", true, rules, 1, &why), 0);
    assert_int_equal(transfer_check_url("https://localhost/", false, rules, 1, &why), 0);
    assert_int_equal(transfer_check_url("http://127.0.0.1:9000/", false, rules, 1, &why), -EINVAL);
    assert_int_equal(transfer_check_url("https://127.1:9000/", false, rules, 1, &why), -EINVAL);
    assert_int_equal(transfer_check_url("https://2130706433/", true, rules, 1, &why), -EINVAL);
    assert_int_equal(transfer_check_url("https://10.0.0.1/", true, rules, 1, &why), -EINVAL);
    talloc_free(rules[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(special_networks_are_refused_at_both_ends),
        cmocka_unit_test(the_neighbours_of_special_networks_are_public),
        cmocka_unit_test(other_families_are_refused),
        cmocka_unit_test(a_rule_opens_its_network_in_every_form),
        cmocka_unit_test(a_rule_is_an_address_with_or_without_a_length),
        cmocka_unit_test(plain_urls_pass),
        cmocka_unit_test(odd_urls_are_refused),
        cmocka_unit_test(a_rule_opens_literal_hosts_at_any_port_but_not_odd_spellings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
