import { html, type Language, numberForm, numberToType, page } from '@samen/http-kit'
import { decisionText } from '../decision/decision-page.ts'
import type { Elsewhere } from './confirm-presentation.ts'
import type { PresentationKind } from './presentation.sql.ts'

const WORDS = {
  nl: {
    elsewhere: { decision: 'Wil je dit antwoord geven?', record: 'Wil je dit overzicht openen?' },
    record: 'Op het andere apparaat opent het overzicht van alle vragen over je kind.',
    type: 'Klopt het? Typ dan dit nummer op het apparaat waar je begon:',
    warning:
      'Ben je dit niet zelf begonnen, of vraagt iemand je om dit nummer? Geef het dan aan niemand en sluit deze pagina. Er is niets besloten.',
    declined: { title: 'Er is niets gedeeld', text: 'Je wallet heeft niets laten zien. Er is niets besloten.' },
    number: 'Typ het nummer van je telefoon',
    explain: 'Je telefoon toont een nummer van zes cijfers zodra je wallet heeft geantwoord.',
    wrong: 'Dit nummer klopt niet, of je wallet heeft nog niet geantwoord. Na vijf keer moet je opnieuw beginnen.',
  },
  en: {
    elsewhere: { decision: 'Do you want to give this answer?', record: 'Do you want to open this record?' },
    record: 'The other device opens the record of all requests about your child.',
    type: 'Is that right? Then type this number on the device where you began:',
    warning:
      'Did you not begin this yourself, or does somebody ask you for this number? Then give it to nobody and close this page. Nothing has been decided.',
    declined: { title: 'Nothing was shared', text: 'Your wallet showed nothing. Nothing was decided.' },
    number: 'Type the number on your phone',
    explain: 'Your phone shows a number of six digits as soon as your wallet has answered.',
    wrong: 'This number does not fit, or your wallet has not answered yet. After five tries you have to begin again.',
  },
} as const

/** On the device with the wallet: what the answer would mean, in words, before the number that makes it count. */
export function elsewherePage(lang: Language, { answer, number, request }: Elsewhere): string {
  const words = WORDS[lang]
  const meaning =
    answer.kind === 'decision' && request ? decisionText(lang, request, answer.document.decision) : words.record
  const body = html`<div class="card"><p><strong>${meaning}</strong></p><p>${words.type}</p>
!${numberToType(number)}</div>
<p class="card bad">${words.warning}</p>`
  return page({ lang, title: words.elsewhere[answer.kind], body })
}

/** After a wallet that declined, wherever it is. */
export function declinedPage(lang: Language): string {
  const { title, text } = WORDS[lang].declined
  return page({ lang, title, body: html`<p class="card">${text}</p>` })
}

/** In the browser that began, when its number did not fit or its page was left. */
export function numberPage(lang: Language, kind: PresentationKind, typed: 'not-typed' | 'wrong'): string {
  const words = WORDS[lang]
  const wrong = typed === 'wrong' ? html`<p class="bad" role="alert">${words.wrong}</p>` : ''
  const body = html`<div class="card">!${wrong}<p>${words.explain}</p>!${numberForm(lang, kind)}</div>`
  return page({ lang, title: words.number, body })
}
