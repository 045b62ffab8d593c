import { html, type Language } from '@samen/http-kit'
import { renderSVG } from 'uqr'

const WORDS = {
  nl: {
    open: 'Open je wallet op dit apparaat',
    scan: 'Staat je wallet op je telefoon? Scan dan deze code. Hij werkt twee minuten.',
    alt: 'QR-code om met je wallet te scannen',
    afterwards: 'Daarna toont je telefoon een nummer. Typ dat hier, dan telt je antwoord.',
    label: 'Nummer op je telefoon',
    confirm: 'Bevestig',
  },
  en: {
    open: 'Open your wallet on this device',
    scan: 'Is your wallet on your phone? Then scan this code. It works for two minutes.',
    alt: 'QR code to scan with your wallet',
    afterwards: 'Your phone then shows a number. Type it here, and your answer counts.',
    label: 'Number on your phone',
    confirm: 'Confirm',
  },
} as const

/**
 * The link that opens a wallet here, the same as a code to scan, and the place for the number that the other device then shows.
 * What is asked stands in the signed request only. `pairing` is where the number goes.
 */
export function walletCard(lang: Language, link: string, pairing: string): string {
  const words = WORDS[lang]
  return html`<div class="card"><p><a class="button primary" href="${link}">${words.open}</a></p></div>
<div class="card"><p>${words.scan}</p>
<div class="qr" role="img" aria-label="${words.alt}">!${renderSVG(link, { ecc: 'M', border: 2 })}</div>
<p>${words.afterwards}</p>!${numberForm(lang, pairing)}</div>`
}

/** Six digits and a button. */
export function numberForm(lang: Language, action: string): string {
  const words = WORDS[lang]
  return html`<form method="post" action="${action}?lang=${lang}"><label>${words.label}
<input name="number" inputmode="numeric" autocomplete="off" pattern="[0-9 ]{6,7}" maxlength="7" size="8" required></label>
<button>${words.confirm}</button></form>`
}
