import { html, type Language } from '@samen/http-kit'
import { renderSVG } from 'uqr'

const WORDS = {
  nl: {
    open: 'Open je wallet op dit apparaat',
    scan: 'Staat je wallet op je telefoon? Scan dan deze code. Hij werkt twee minuten.',
    alt: 'QR-code om met je wallet te scannen',
  },
  en: {
    open: 'Open your wallet on this device',
    scan: 'Is your wallet on your phone? Then scan this code. It works for two minutes.',
    alt: 'QR code to scan with your wallet',
  },
} as const

/**
 * The link that opens a wallet and, where the answer needs no return to this browser, the same as a code to scan. What is
 * asked stands in the signed request only.
 */
export function walletCard(lang: Language, link: string, withCode: boolean): string {
  const words = WORDS[lang]
  const code = withCode
    ? html`<p>${words.scan}</p><div class="qr" role="img" aria-label="${words.alt}">!${renderSVG(link, { ecc: 'M', border: 2 })}</div>`
    : ''
  return html`<div class="card"><p><a class="button primary" href="${link}">${words.open}</a></p>!${code}</div>`
}
