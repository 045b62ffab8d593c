import { FACTS, type PublishedPurpose } from '@samen/consent'
import { html, type Language, page } from '@samen/http-kit'
import { readableDay, readableDuration } from '../readable-text.ts'

const WORDS = {
  nl: {
    app: 'App',
    why: 'Waarvoor',
    basis: 'Grondslag',
    consent: 'toestemming',
    public_task: 'taak van de school (met vrijgave door ouder of leerling)',
    keep: 'Bewaartermijn',
    until: 'Geldig tot en met',
    version: 'Versie',
    hash: 'Kenmerk van deze tekst',
    facts: 'Gegevens',
    never: 'Deze tekst verandert nooit. Een andere vraag is een nieuwe versie, waar iedereen opnieuw over beslist.',
  },
  en: {
    app: 'App',
    why: 'What for',
    basis: 'Legal basis',
    consent: 'consent',
    public_task: 'task of the school (released by parent or pupil)',
    keep: 'Kept for',
    until: 'Valid until the end of',
    version: 'Version',
    hash: 'Fingerprint of this text',
    facts: 'Data',
    never: 'This text never changes. Another question is a new version, about which everyone decides again.',
  },
} as const

/** A purpose as anybody may read it: the very text that schools agree to and guardians sign. */
export function purposePage(lang: Language, { app, app_name, purpose, purpose_hash }: PublishedPurpose): string {
  const words = WORDS[lang]
  const facts = purpose.claims
    .map(({ fact, why }) => html`<dt><strong>${FACTS[fact].label[lang]}</strong></dt><dd>${why[lang]}</dd>`)
    .join('')
  const body = html`<section class="card"><dl>
<dt>${words.app}</dt><dd>${app_name}<br><span class="soft">${new URL(app).host}</span></dd>
<dt>${words.why}</dt><dd>${purpose.why[lang]}</dd>
<dt>${words.basis}</dt><dd>${words[purpose.legal_basis]}</dd>
<dt>${words.keep}</dt><dd>${readableDuration(lang, purpose.retention)}</dd>
<dt>${words.until}</dt><dd>${readableDay(lang, purpose.valid_until)}</dd>
<dt>${words.version}</dt><dd>${String(purpose.version)}</dd>
<dt>${words.hash}</dt><dd><code>${purpose_hash}</code></dd>
</dl></section>
<section class="card"><h2>${words.facts}</h2><dl>!${facts}</dl></section>
<p class="soft">${words.never}</p>`
  return page({ lang, title: purpose.title[lang], body })
}
