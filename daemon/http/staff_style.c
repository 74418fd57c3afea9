/* The console's one style sheet and its one script.
 *
 * Live pages are dark red and begin with LIVE, drill pages are blue and begin with DRILL; the words
 * say it too. Everything works without the script: it only renews the numbers of a broadcast under
 * way and keeps a button from being pressed twice. */
#include "http/staff_html.h"

#include <string.h>

static const char style[] =
    "*{box-sizing:border-box}"
    "body{margin:0;font:1.06rem/1.5 system-ui,sans-serif;color:#111;background:#f2f3f5;"
    "overflow-wrap:anywhere}"
    "header,main,footer{max-width:52rem;margin:0 auto;padding:0 .75rem}"
    ".skip{position:absolute;left:-99rem}.skip:focus{left:.5rem;top:.5rem;background:#fff;"
    "padding:.5rem;z-index:1}"
    ".mode{margin:0;padding:.6rem .75rem;font-weight:700;color:#fff;background:#444}"
    ".mode strong{font-size:1.3rem;letter-spacing:.05em;margin-right:.5rem}"
    ".live .mode{background:#8a1200;border-bottom:6px double #fff}"
    ".drill .mode{background:#0b4f9e;border-bottom:6px dashed #fff}"
    ".live main{border-left:.4rem solid #8a1200}.drill main{border-left:.4rem dashed #0b4f9e}"
    "nav ul{display:flex;flex-wrap:wrap;gap:.2rem .4rem;list-style:none;padding:0;margin:.4rem 0}"
    "nav a{display:inline-block;min-height:2.2rem;padding:.3rem .5rem}"
    "nav a[aria-current]{background:#fff;color:#111;font-weight:700;border:2px solid #111;"
    "border-radius:.3rem;text-decoration:none}"
    "h1{font-size:1.4rem;margin:.8rem 0 .4rem}h2{font-size:1.15rem;margin:1.4rem 0 .4rem}"
    "h3{font-size:1.05rem;margin:1rem 0 .3rem}p{margin:.4rem 0}"
    "a{color:#0b4f9e}a:focus-visible,button:focus-visible,summary:focus-visible,"
    "input:focus-visible,textarea:focus-visible,select:focus-visible"
    "{outline:3px solid #0b4f9e;outline-offset:2px}"
    "summary{cursor:pointer;min-height:2.2rem;padding:.3rem 0;color:#0b4f9e;"
    "text-decoration:underline}"
    ".field{margin:.8rem 0}label{display:block;font-weight:600}"
    ".choice{display:inline-block;font-weight:400;min-height:2.4rem;padding:.35rem .8rem .35rem 0}"
    ".choice input{width:1.3rem;height:1.3rem;vertical-align:-.2rem}"
    "input:not([type=checkbox]):not([type=radio]),textarea,select{width:100%;max-width:36rem;"
    "min-height:2.6rem;padding:.3rem .5rem;font:inherit;color:#111;background:#fff;"
    "border:1px solid #555;border-radius:.3rem}"
    "[aria-invalid]{border:3px solid #b00020!important}"
    "fieldset{border:1px solid #777;border-radius:.4rem;margin:.9rem 0;padding:.3rem .75rem .6rem;"
    "background:#fff}legend{font-weight:700;padding:0 .3rem}"
    ".hint{color:#444;font-size:.95rem;margin:.1rem 0}"
    ".fault{color:#b00020;font-weight:700;margin:.1rem 0}"
    ".faults,.warning,.note,.box{background:#fff;border:2px solid #b00020;border-radius:.4rem;"
    "padding:.1rem .8rem .5rem;margin:.8rem 0}"
    ".warning{background:#fff3bf;border-color:#7a5a00}.note{border-color:#0b6b3a}"
    ".box{border-color:#555}"
    "button,.button{display:inline-block;font:inherit;font-weight:700;min-height:2.8rem;"
    "padding:.4rem 1rem;margin:.3rem .4rem .3rem 0;border:2px solid #111;border-radius:.4rem;"
    "background:#fff;color:#111;text-decoration:none;cursor:pointer}"
    "button[hidden]{display:none}"
    "button.send{background:#8a1200;color:#fff}.drill button.send{background:#0b4f9e}"
    "button.main{background:#111;color:#fff}button.stop{background:#fff;color:#8a1200;"
    "border-color:#8a1200}"
    ".chip{display:inline-block;font-weight:700;border:2px solid #111;border-radius:.3rem;"
    "padding:.05rem .5rem;background:#fff;color:#111}"
    ".chip.black{background:#0c000c;color:#fff}.chip.purple{background:#a0a;color:#fff}"
    ".chip.red{background:#b81c00;color:#fff}.chip.yellow{background:#f2e700;color:#111}"
    ".chip.green{background:#0b6b3a;color:#fff}.chip.blue{background:#0b4f9e;color:#fff}"
    ".list{list-style:none;padding:0}.list>li{background:#fff;border:1px solid #999;"
    "border-radius:.3rem;margin:.4rem 0;padding:.4rem .6rem}"
    ".danger{border:3px solid #8a1200;border-radius:.4rem;padding:0 .8rem .5rem;margin:2rem 0;"
    "background:#fff}"
    "table{border-collapse:collapse;margin:.6rem 0;background:#fff}"
    "caption{text-align:left;font-weight:700;padding:.2rem 0;white-space:nowrap}"
    "details details{margin-left:1rem}"
    "th,td{border:1px solid #999;padding:.25rem .6rem;text-align:left;vertical-align:top}"
    ".number{text-align:right;font-variant-numeric:tabular-nums}"
    ".wide{overflow-x:auto}.wide table{min-width:34rem;overflow-wrap:normal}"
    "pre{white-space:pre-wrap;background:#fff;border:1px solid #999;border-radius:.3rem;"
    "padding:.5rem .7rem;font:inherit;margin:.3rem 0}"
    ".big{font-size:2rem;font-weight:700}"
    ".hash{font-family:monospace;font-size:.95rem}"
    "footer{border-top:1px solid #666;margin-top:2rem;padding-bottom:2rem;color:#333;"
    "font-size:.95rem}"
    "@media print{nav,form,.button{display:none}}";

static const char script[] =
    "(function(){var d=document;"
    "d.addEventListener('submit',function(e){var f=e.target;"
    "if(f.dataset.sent){e.preventDefault();return}f.dataset.sent='1';"
    "setTimeout(function(){delete f.dataset.sent},8000)});"
    "var p=d.getElementById('progress');if(!p)return;"
    "function put(id,o){var n,e;for(n in o){if(typeof o[n]==='object'&&o[n])put(id+n+'-',o[n]);"
    "e=d.getElementById(id+n);if(e&&typeof o[n]==='number')e.textContent=String(o[n])}}"
    "function show(j){d.querySelectorAll('[id^=p-by_]').forEach(function(e){"
    "e.textContent='0'});put('p-',j);"
    "var left=(j.waiting||0)+(j.sending||0);if(left>0)setTimeout(ask,2000)}"
    "function ask(){fetch(p.dataset.from,{headers:{Accept:'application/json'}})"
    ".then(function(r){if(!r.ok)throw 0;return r.json()})"
    ".then(function(j){show(j.progress||j)})"
    ".catch(function(){setTimeout(ask,10000)})}ask()})();";

const char *staff_page_asset(const struct staff_pages *pages, const char *name, size_t *ret_length,
                             const char **ret_type)
{
    (void)pages;
    if (strcmp(name, "style.css") == 0) {
        *ret_length = strlen(style);
        *ret_type = "text/css; charset=utf-8";
        return style;
    }
    if (strcmp(name, "console.js") == 0) {
        *ret_length = strlen(script);
        *ret_type = "text/javascript; charset=utf-8";
        return script;
    }
    return NULL;
}
