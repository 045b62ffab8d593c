import { html } from 'ghtml'
import { renderSVG } from 'uqr'
import type { Language } from './language.ts'

const WORDS = {
  nl: {
    open: 'Open je wallet op dit apparaat',
    scan: 'Staat je wallet op een ander apparaat? Scan dan deze code. Hij werkt twee minuten.',
    alt: 'QR-code om met je wallet te scannen',
    afterwards: 'Als je wallet heeft geantwoord, toont dat apparaat een nummer. Typ dat hier om het af te ronden.',
    label: 'Nummer van zes cijfers',
    confirm: 'Bevestig',
  },
  en: {
    open: 'Open your wallet on this device',
    scan: 'Is your wallet on another device? Then scan this code. It works for two minutes.',
    alt: 'QR code to scan with your wallet',
    afterwards: 'When your wallet has answered, that device shows a number. Type it here to finish.',
    label: 'Number of six digits',
    confirm: 'Confirm',
  },
} as const

/**
 * HTML: the link that opens a wallet on this device, the same as a code for another one, and the place for the number that the other device
 * then shows. `link` holds nothing about a person, `pairing` is where the number goes.
 */
export function walletCard(lang: Language, { link, pairing }: { link: string; pairing: string }): string {
  const words = WORDS[lang]
  return html`!${walletLink(lang, link)}
<div class="card"><p>${words.scan}</p>!${qrCode(link, words.alt)}
<p>${words.afterwards}</p>!${numberForm(lang, pairing)}</div>`
}

/** HTML: only the link, where the answer has to come back to this device. */
export function walletLink(lang: Language, link: string): string {
  return html`<div class="card"><p><a class="button primary" href="${link}">${WORDS[lang].open}</a></p></div>`
}

/** HTML: a QR code. `label` says to who cannot see it what it is for. */
export function qrCode(content: string, label: string): string {
  return html`<div class="qr" role="img" aria-label="${label}">!${renderSVG(content, { ecc: 'M', border: 2 })}</div>`
}

/** HTML: a form for six digits, posted to `action`. */
export function numberForm(lang: Language, action: string): string {
  const words = WORDS[lang]
  return html`<form method="post" action="${action}?lang=${lang}"><label>${words.label}
<input name="number" inputmode="numeric" autocomplete="off" pattern="[0-9 ]{6,7}" maxlength="7" size="8" required></label>
<button>${words.confirm}</button></form>`
}

/** HTML: a pairing number, as a person reads it aloud: 123 456. */
export function numberToType(number: string): string {
  return html`<p class="number">${number.slice(0, 3)} ${number.slice(3)}</p>`
}
