import { html, type Language, page, qrCode } from '@samen/http-kit'

const WORDS = {
  nl: {
    title: 'Bewijzen ophalen',
    intro: 'Scan deze code met de wallet op je telefoon, of open de link op de telefoon zelf.',
    txCode: 'Je wallet vraagt om de code van zes cijfers die je van de school kreeg. Geef die aan niemand.',
    open: 'Openen in mijn wallet',
    qr: 'QR-code die het aanbod in een wallet opent',
    until: 'Geldig tot',
  },
  en: {
    title: 'Collect credentials',
    intro: 'Scan this code with the wallet on your phone, or open the link on that phone.',
    txCode: 'Your wallet asks for the six-digit code that the school gave you. Give it to nobody.',
    open: 'Open in my wallet',
    qr: 'QR code that opens the offer in a wallet',
    until: 'Valid until',
  },
} as const

/** What the page of an offer shows: how to open it, and nothing about whom it is for. */
export interface OfferPage {
  readonly lang: Language
  readonly schoolName: string
  readonly offerUri: string
  readonly wantsTxCode: boolean
  readonly expiresAt: Date
}

/** The page that the desk shows or prints. The transaction code is never on it: that goes by another way. */
export function offerPage({ lang, schoolName, offerUri, wantsTxCode, expiresAt }: OfferPage): string {
  const words = WORDS[lang]
  const until = expiresAt.toLocaleString(lang, { timeZone: 'Europe/Amsterdam', dateStyle: 'long', timeStyle: 'short' })
  const body = html`<p>${schoolName}</p>
<div class="card">
<p>${words.intro}</p>
!${qrCode(offerUri, words.qr)}
<p><a class="button primary" href="${offerUri}">${words.open}</a></p>
!${wantsTxCode ? html`<p>${words.txCode}</p>` : ''}
<p class="soft">${words.until} <time datetime="${expiresAt.toISOString()}">${until}</time></p>
</div>`
  return page({ lang, title: words.title, body })
}
