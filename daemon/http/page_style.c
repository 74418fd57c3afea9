/* Style and script of the status page, and the policy that allows nothing else.
 *
 * Colours: the Japanese scale of five (black, purple, red, yellow, white), ISO 22324 green for what
 * is over, blue for drills; each with text of at least 4.5:1, and never alone: number and word
 * stand in the same chip. The script only renews the page in place; without it the page reloads
 * itself. With it, a lost connection leaves the text standing and says so. */
#include "http/page_write.h"

#include <stdint.h>
#include <string.h>
#include "base/memory.h"
#include "base/text.h"

const char page_style[] =
    "*{box-sizing:border-box}"
    "body{margin:0 auto;max-width:44rem;padding:0 .75rem 2rem;font:1.06rem/1.5 "
    "system-ui,sans-serif;"
    "color:#111;background:#f2f3f5;overflow-wrap:anywhere}"
    "h1{font-size:1.4rem;margin:.8rem 0 .3rem}h2{font-size:1.2rem;margin:1.6rem 0 .5rem}"
    "h3{font-size:1.12rem;line-height:1.35;margin:.6rem 0}h4{font-size:1rem;margin:.6rem 0 .1rem}"
    "p{margin:.4rem 0}ul,ol{margin:.3rem 0;padding-left:1.4rem}li{margin:.2rem 0}"
    "a{color:#0b4f9e}a:focus-visible,summary:focus-visible{outline:3px solid #0b4f9e;"
    "outline-offset:2px}"
    "nav ul{display:flex;flex-wrap:wrap;gap:.2rem .3rem;list-style:none;padding:0}nav li{margin:0}"
    "nav a,.button,summary{display:inline-block;min-height:2.2rem;padding:.3rem .5rem}"
    "nav a[aria-current]{background:#fff;color:#111;font-weight:700;text-decoration:none;"
    "border:2px solid #111;border-radius:.3rem;padding:.18rem .4rem}"
    "summary{cursor:pointer;color:#0b4f9e;text-decoration:underline;padding-left:0;display:list-"
    "item;"
    "list-style-position:inside}"
    ".state{border:3px solid #111;border-radius:.4rem;padding:.5rem .75rem;background:#fff;"
    "font-size:1.06rem;font-weight:700;margin:.5rem 0}"
    ".quiet{border-color:#0b6b3a}.blind{background:#111;color:#fff}"
    ".stale,.partly,.lost-note{background:#fff3bf}"
    ".lost-note{display:none}.lost .lost-note{display:block}"
    ".card{background:#fff;border:1px solid #666;border-left-width:.6rem;border-radius:.4rem;"
    "margin:.8rem 0;padding:.6rem .75rem .5rem}"
    ".chip{display:inline-block;font-weight:700;border:2px solid #111;border-radius:.3rem;"
    "padding:.05rem .5rem;background:#fff;color:#111}"
    ".black>.chip{background:#0c000c;color:#fff}.purple>.chip{background:#a0a;color:#fff}"
    ".red>.chip{background:#c81e00;color:#fff}.yellow>.chip{background:#f2e700;color:#111}"
    ".green>.chip{background:#0b6b3a;color:#fff}.blue>.chip{background:#0b4f9e;color:#fff}"
    ".card.black{border-color:#0c000c}.card.purple{border-color:#a0a}.card.red{border-color:#"
    "c81e00}"
    ".card.yellow{border-color:#8a8000}.card.green{border-color:#0b6b3a}"
    ".card.blue{border-color:#0b4f9e}"
    ".card>.do{font-size:1.1rem}.do{font-weight:600}.official,.small{color:#444;font-size:.94rem}"
    ".list{list-style:none;padding:0}.list>li{background:#fff;border-radius:.3rem;margin:.4rem 0;"
    "padding:.4rem .6rem}"
    ".scale{list-style:none;padding:0}"
    ".drills{border:3px dashed #0b4f9e;border-radius:.4rem;margin:1.6rem 0;padding:0 .75rem .5rem;"
    "background:#e6effa}.drills h2{margin-top:.6rem;color:#0b4f9e}"
    "footer{border-top:1px solid #666;margin-top:1.6rem;color:#333;font-size:.94rem}"
    "@media print{nav,.button{display:none}}";

const char page_script[] =
    "(function(){var d=document,u=location.href.split('#')[0];"
    "function lost(){d.body.className='lost'}"
    "function take(t){var n=new DOMParser().parseFromString(t,'text/html');"
    "if(!n.getElementById('alerts'))return lost();d.body.className='';"
    "['state','checked','alerts','rest','made'].forEach(function(i){"
    "var a=d.getElementById(i),b=n.getElementById(i);if(a.innerHTML===b.innerHTML)return;"
    "b.querySelectorAll('[role=alert]').forEach(function(e){"
    "if(d.getElementById(e.id))e.removeAttribute('role')});"
    "a.innerHTML=b.innerHTML;a.className=b.className})}"
    "function again(){var c=new AbortController(),w=setTimeout(function(){c.abort()},20000);"
    "fetch(u,{cache:'no-cache',signal:c.signal}).then(function(r){if(!r.ok)throw 0;return "
    "r.text()})"
    ".then(take).catch(lost).finally(function(){clearTimeout(w)})}"
    "setInterval(again,60000);"
    "d.addEventListener('visibilitychange',function(){if(!d.hidden)again()})})()";

static unsigned hexadecimal(char digit)
{
    return digit <= '9' ? (unsigned)(digit - '0') : (unsigned)(digit - 'a' + 10);
}

/* A policy names a hash in base64, text_hash gives hexadecimal. */
static char *base64_of_hash(TALLOC_CTX *context, const char *text)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *hash = text_hash(context, text, strlen(text), 64);
    char *encoded = memory_text(context, "");
    for (size_t i = 0; i < 32; i += 3) {
        uint32_t group = 0;
        for (size_t j = i; j < i + 3; j++) {
            unsigned byte = 0;
            if (j < 32)
                byte = hexadecimal(hash[2 * j]) << 4 | hexadecimal(hash[2 * j + 1]);
            group = group << 8 | byte;
        }
        encoded = memory_must(talloc_asprintf_append(
            encoded, "%c%c%c%c", digits[group >> 18], digits[group >> 12 & 63],
            digits[group >> 6 & 63], i + 3 > 32 ? '=' : digits[group & 63]));
    }
    talloc_free(hash);
    return encoded;
}

char *page_policy(TALLOC_CTX *context)
{
    TALLOC_CTX *scratch = talloc_new(context);
    char *policy =
        memory_printf(context,
                      "default-src 'none'; style-src 'sha256-%s'; script-src 'sha256-%s'; "
                      "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
                      "frame-ancestors 'none'",
                      base64_of_hash(scratch, page_style), base64_of_hash(scratch, page_script));
    talloc_free(scratch);
    return policy;
}
