import { FACTS, purposeUri } from '@samen/consent'
import { html, type Language, page } from '@samen/http-kit'
import { readableDay, readableDuration, readableMoment } from '../readable-text.ts'
import type { RequestRow } from './request.sql.ts'
import type { PublicState } from './request-view.ts'
import { REQUEST_WORDS, type RequestWords } from './request-words.ts'

/**
 * The page on which a guardian reads and answers. Everything is said before the buttons; yes and no are two buttons of one kind
 * and nothing is chosen beforehand. `notice` is HTML about what this browser just did, or empty.
 */
export function requestPage(lang: Language, request: RequestRow, state: PublicState, notice: string): string {
  const words = REQUEST_WORDS[lang]
  const isConsent = request.purpose.legal_basis === 'consent'
  const title = isConsent ? words.titleConsent(request.app_name) : words.titleRelease(request.app_name)
  const body = html`!${notice}<p>${isConsent ? words.lead : words.leadRelease}</p>
!${whoAsks(lang, words, request)}
!${whatFor(lang, words, request)}
!${consequences(lang, words, request)}
!${answerForm(lang, words, request, state)}`
  return page({ lang, title, body })
}

function whoAsks(lang: Language, words: RequestWords, request: RequestRow): string {
  const { model, reference, signed_at } = request.processor_agreement
  return html`<section class="card"><h2>${words.who}</h2><dl>
<dt>${words.app}</dt><dd><strong>${request.app_name}</strong><br><span class="soft">${new URL(request.app).host}</span></dd>
<dt>${words.school}</dt><dd>${request.school_name}</dd>
<dt>${words.contract}</dt><dd>${words.contractText(model, reference, readableDay(lang, signed_at))}</dd>
</dl></section>`
}

function whatFor(lang: Language, words: RequestWords, { purpose }: RequestRow): string {
  const rows = purpose.claims
    .map(({ fact, why }) => html`<dt><strong>${FACTS[fact].label[lang]}</strong></dt><dd>${why[lang]}</dd>`)
    .join('')
  return html`<section class="card"><h2>${words.why}</h2>
<p><strong>${purpose.title[lang]}</strong><br>${purpose.why[lang]}</p>
<h2>${words.what}</h2><dl>!${rows}</dl><p class="soft">${words.nothingMore}</p></section>`
}

function consequences(lang: Language, words: RequestWords, request: RequestRow): string {
  const { purpose, guardians, until } = request
  return html`<section class="card"><h2>${words.howLong}</h2>
<p>${words.until(readableDay(lang, until))} ${words.retention(readableDuration(lang, purpose.retention))}</p>
<h2>${words.parties}</h2><p>${guardians === 'every' ? words.every : words.one}</p>
<h2>${words.ifNo}</h2><p>${words.ifNoText}</p>
<h2>${words.takeBack}</h2><p>${words.takeBackText}</p>
<p><a href="../me/record?lang=${lang}">${words.record}</a> · <a href="${exactText(request)}?lang=${lang}">${words.exactText}</a></p></section>`
}

/** Relative, as all links here: the page works under whatever address people reach it. */
function exactText({ purpose }: RequestRow): string {
  return purposeUri('..', purpose.id, purpose.version)
}

function answerForm(lang: Language, words: RequestWords, request: RequestRow, state: PublicState): string {
  const action = `${request.handle}/decisions?lang=${lang}`
  if (state === 'withdrawn') return html`<section class="card"><p class="bad">${words.withdrawn}</p></section>`
  if (state === 'closed') return html`<section class="card"><p class="bad">${words.closed}</p></section>`
  if (state === 'given') {
    return html`<section class="card"><h2>${words.answer}</h2><p class="good">${words.given}</p><p>${words.withdrawHow}</p>
<form method="post" action="${action}"><button name="decision" value="withdraw">${words.withdraw}</button></form></section>`
  }
  return html`<section class="card"><h2>${words.answer}</h2><p>${words.answerHow(readableMoment(lang, request.expires_at, 'short'))}</p>
<form method="post" action="${action}"><button name="decision" value="yes">${words.yes}</button>
<button name="decision" value="no">${words.no}</button></form></section>`
}
