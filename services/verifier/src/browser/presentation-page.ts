import { html, type Language, page } from '@samen/http-kit'
import { renderSVG } from 'uqr'
import type { PageView } from './open-page.ts'

const WORDS = {
  nl: {
    title: (app: string) => `Laat ${app} zien wat nodig is`,
    scan: 'Scan deze code met de app waarin je de gegevens van je kind bewaart. De code werkt twee minuten.',
    alt: 'QR-code om met je wallet te scannen',
    open: 'Open je wallet op dit apparaat',
    explain: 'Je wallet laat precies zien welke gegevens worden gevraagd. Jij beslist of je ze deelt.',
    done: 'Deze vraag is beantwoord. Je kunt deze pagina sluiten.',
    expired: 'Deze vraag is verlopen. Ga terug en begin opnieuw.',
    elsewhere: 'Deze vraag is in een andere browser begonnen. Ga daar verder, of begin opnieuw.',
    returned: 'Dit kan niet worden afgerond',
    notReturned: 'Ga terug naar de browser waarin je begon, of begin opnieuw. Er is niets gedeeld via deze pagina.',
  },
  en: {
    title: (app: string) => `Show ${app} what it needs`,
    scan: 'Scan this code with the app in which you keep the data of your child. The code works for two minutes.',
    alt: 'QR code to scan with your wallet',
    open: 'Open your wallet on this device',
    explain: 'Your wallet shows exactly which data is asked for. You decide whether you share it.',
    done: 'This question was answered. You can close this page.',
    expired: 'This question has expired. Go back and start again.',
    elsewhere: 'This question was started in another browser. Go on there, or start again.',
    returned: 'This cannot be completed',
    notReturned: 'Go back to the browser in which you started, or start again. Nothing was shared through this page.',
  },
} as const

/** The page of one presentation: QR code, link, what happens. Without script; nothing in it is about the child. */
export function presentationPage(lang: Language, view: PageView): string {
  const words = WORDS[lang]
  const title = words.title(view.app)
  if (view.kind !== 'link') return page({ lang, title, body: html`<p class="card">${words[view.kind]}</p>` })
  const { link } = view
  const svg = renderSVG(link, { ecc: 'M', border: 2 })
  const code = html`<p>${words.scan}</p><div class="qr" role="img" aria-label="${words.alt}">!${svg}</div>`
  const body = html`<div class="card">!${view.withQrCode ? code : ''}
<p><a class="button primary" href="${link}">${words.open}</a></p>
<p class="soft">${words.explain}</p></div>`
  return page({ lang, title, body })
}

/** For a browser that came back with something that does not fit. */
export function notReturnedPage(lang: Language): string {
  const words = WORDS[lang]
  return page({ lang, title: words.returned, body: html`<p class="card">${words.notReturned}</p>` })
}
