import { FACTS } from '@samen/consent'
import { html, type Language, numberForm, numberToType, page, walletCard } from '@samen/http-kit'
import type { PageView, Returned } from './open-page.ts'

const WORDS = {
  nl: {
    title: (app: string) => `Laat ${app} zien wat nodig is`,
    explain: 'Je wallet laat precies zien welke gegevens worden gevraagd. Jij beslist of je ze deelt.',
    done: 'Deze vraag is beantwoord. Je kunt deze pagina sluiten.',
    expired: 'Deze vraag is verlopen. Ga terug en begin opnieuw.',
    elsewhere: 'Deze vraag is in een andere browser begonnen. Ga daar verder, of begin opnieuw.',
    returned: 'Dit kan niet worden afgerond',
    notReturned: 'Ga terug naar de browser waarin je begon, of begin opnieuw. Er is niets gedeeld via deze pagina.',
    share: (app: string) => `Deel je dit met ${app}?`,
    facts: (app: string) => `${app} krijgt, als daar toestemming voor is:`,
    type: 'Klopt het? Typ dan dit nummer op het apparaat waar je de code hebt gescand:',
    warning:
      'Heb je geen code gescand op een scherm dat je vertrouwt, of vraagt iemand je om dit nummer? Geef het dan aan niemand en sluit deze pagina. Er is niets gedeeld.',
    nothing: 'Er is niets gedeeld',
    declined: 'Je wallet heeft niets laten zien. Je kunt deze pagina sluiten.',
    number: 'Typ het nummer dat het apparaat met je wallet toont.',
    late: 'De code werkt niet meer. Heeft je wallet op een ander apparaat geantwoord? Typ dan hier het nummer dat dat andere apparaat toont. Zo niet, ga dan terug en begin opnieuw.',
    wrong: 'Dit nummer klopt niet, of je wallet heeft nog niet geantwoord. Na vijf keer moet je opnieuw beginnen.',
  },
  en: {
    title: (app: string) => `Show ${app} what it needs`,
    explain: 'Your wallet shows exactly which data is asked for. You decide whether you share it.',
    done: 'This question was answered. You can close this page.',
    expired: 'This question has expired. Go back and start again.',
    elsewhere: 'This question was started in another browser. Go on there, or start again.',
    returned: 'This cannot be completed',
    notReturned: 'Go back to the browser in which you started, or start again. Nothing was shared through this page.',
    share: (app: string) => `Do you share this with ${app}?`,
    facts: (app: string) => `${app} gets, if consent was given for it:`,
    type: 'Is that right? Then type this number on the device where you scanned the code:',
    warning:
      'Did you not scan a code on a screen that you trust, or does somebody ask you for this number? Then give it to nobody and close this page. Nothing has been shared.',
    nothing: 'Nothing was shared',
    declined: 'Your wallet showed nothing. You can close this page.',
    number: 'Type the number that the device with your wallet shows.',
    late: 'The code does not work any more. Has your wallet on another device answered? Then type here the number that the other device shows. If not, go back and start again.',
    wrong: 'This number does not fit, or your wallet has not answered yet. After five tries you have to start again.',
  },
} as const

/** The page of one presentation: code, link, what happens. Without script; nothing in it is about the child. `pairing`: where a number goes. */
export function presentationPage(lang: Language, view: PageView, pairing: string): string {
  const words = WORDS[lang]
  const title = words.title(view.app.name)
  if (view.kind === 'number' || view.kind === 'late')
    return numberPage(lang, { app: view.app.name, pairing, why: view.kind })
  if (view.kind !== 'link') return page({ lang, title, body: html`<p class="card">${words[view.kind]}</p>` })
  const card = walletCard(lang, { link: view.link, pairing })
  return page({ lang, title, body: html`<p>${words.explain}</p>!${card}` })
}

/** Where the number is typed: after an answer, after the code has gone, again after one that did not fit. */
export function numberPage(
  lang: Language,
  about: { app: string; pairing: string; why: 'number' | 'late' | 'wrong' },
): string {
  const words = WORDS[lang]
  const wrong = about.why === 'wrong' ? html`<p class="bad" role="alert">${words.wrong}</p>` : ''
  const explain = about.why === 'late' ? words.late : words.number
  const body = html`<div class="card">!${wrong}<p>${explain}</p>!${numberForm(lang, about.pairing)}</div>`
  return page({ lang, title: words.title(about.app), body })
}

/** On the device with the wallet: who would get what, before the number that makes it count. */
export function otherDevicePage(lang: Language, shown: Extract<Returned, { at: 'other device' }>): string {
  const words = WORDS[lang]
  if (shown.number === undefined)
    return page({ lang, title: words.nothing, body: html`<p class="card">${words.declined}</p>` })
  const facts = shown.facts.map((fact) => html`<li>${FACTS[fact].label[lang]}</li>`).join('')
  const body = html`<div class="card"><p>${words.facts(shown.app)}</p><ul>!${facts}</ul>
<p>${words.type}</p>!${numberToType(shown.number)}</div><p class="card bad">${words.warning}</p>`
  return page({ lang, title: words.share(shown.app), body })
}

/** For a browser that came back with something that does not fit. */
export function notReturnedPage(lang: Language): string {
  const words = WORDS[lang]
  return page({ lang, title: words.returned, body: html`<p class="card">${words.notReturned}</p>` })
}
