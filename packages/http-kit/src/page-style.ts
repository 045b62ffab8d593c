import { createHash } from 'node:crypto'

/** The one style sheet of all pages, inside each page: nothing is loaded from anywhere. */
export const PAGE_STYLE = `
:root{color-scheme:light dark;--ink:#1b2333;--soft:#566078;--paper:#fff;--ground:#f3f5f9;--line:#d5dbe6;--brand:#1f4fa3;--on-brand:#fff;--good:#17643a;--bad:#a3261f;--focus:#b45309}
@media (prefers-color-scheme:dark){:root{--ink:#e9edf5;--soft:#aab4c8;--paper:#1a2030;--ground:#10141f;--line:#35405a;--brand:#8db4ff;--on-brand:#0d1526;--good:#7fd6a4;--bad:#ff9d94;--focus:#fbbf24}}
*{box-sizing:border-box}
html{font:100%/1.6 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;background:var(--ground);color:var(--ink);-webkit-text-size-adjust:100%}
body{margin:0;min-height:100vh;display:flex;flex-direction:column}
header,main,footer{width:100%;max-width:46rem;margin:0 auto;padding:1rem 1.25rem}
header{display:flex;justify-content:space-between;align-items:center;gap:1rem}
header .name{font-weight:700;letter-spacing:.01em}
nav ul{display:flex;gap:.75rem;list-style:none;margin:0;padding:0}
main{flex:1}
footer{color:var(--soft);font-size:.9rem}
h1{font-size:clamp(1.5rem,1.2rem + 1.6vw,2.1rem);line-height:1.2;margin:.5rem 0 1rem;text-wrap:balance}
h2{font-size:1.2rem;line-height:1.3;margin:1.75rem 0 .5rem}
p,li,dd,dt,td,th{overflow-wrap:anywhere}
a{color:var(--brand);text-underline-offset:.15em}
:focus-visible{outline:3px solid var(--focus);outline-offset:2px;border-radius:.25rem}
.skip{position:absolute;left:-100vw}
.skip:focus{left:1rem;top:.5rem;background:var(--paper);padding:.5rem 1rem;z-index:1}
.card{background:var(--paper);border:1px solid var(--line);border-radius:.75rem;padding:1.25rem;margin:1rem 0}
.card>:first-child{margin-top:0}.card>:last-child{margin-bottom:0}
dl{display:grid;grid-template-columns:minmax(8rem,1fr) 2fr;gap:.5rem 1rem;margin:0}
dt{color:var(--soft)}dd{margin:0}
table{width:100%;border-collapse:collapse}
th,td{text-align:left;padding:.5rem .5rem .5rem 0;border-bottom:1px solid var(--line);vertical-align:top}
code{font:.9em ui-monospace,"DejaVu Sans Mono",monospace}
form{display:flex;flex-wrap:wrap;gap:.75rem;margin:1.25rem 0}
button,.button{font:inherit;font-weight:600;min-height:2.75rem;padding:.6rem 1.25rem;border-radius:.5rem;border:2px solid var(--brand);background:var(--paper);color:var(--brand);cursor:pointer;text-decoration:none;display:inline-block}
button.primary,.button.primary{background:var(--brand);color:var(--on-brand)}
.good{color:var(--good);font-weight:600}.bad{color:var(--bad);font-weight:600}.soft{color:var(--soft)}
.qr{background:#fff;padding:1rem;border-radius:.75rem;border:1px solid var(--line);max-width:20rem;margin:1rem auto}
.qr svg{display:block;width:100%;height:auto}
label{display:flex;flex-direction:column;gap:.25rem;font-weight:600}
input{font:inherit;height:3rem;padding:.5rem .75rem;border:2px solid var(--line);border-radius:.5rem;background:var(--paper);color:var(--ink);letter-spacing:.1em}
form:has(label){align-items:end}form:has(label) button{height:3rem}
.number{font-size:2.5rem;font-weight:700;letter-spacing:.08em;text-align:center;margin:.5rem 0}
@media (max-width:32rem){dl{grid-template-columns:1fr}dd{margin-bottom:.5rem}}
@media print{header nav,form{display:none}html{background:#fff;color:#000}}
`

const styleHash = createHash('sha256').update(PAGE_STYLE).digest('base64')

/**
 * Nothing runs, nothing is loaded, nobody frames it; the one style sheet is known by its hash. A form is sent to ourselves, and from
 * there its answer leads to `origins` at most: browsers hold a redirect after a form to the same directive as the form.
 */
export function pagePolicy(origins: readonly string[]): string {
  return [
    "default-src 'none'",
    `style-src 'sha256-${styleHash}'`,
    'img-src data:',
    ["form-action 'self'", ...origins.filter((origin) => PLAIN_ORIGIN.test(origin))].join(' '),
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

/** A host may hold a `;` or a `,`, and would begin a directive or a policy of its own. */
const PLAIN_ORIGIN = /^https?:\/\/[a-z0-9.:[\]-]+$/
