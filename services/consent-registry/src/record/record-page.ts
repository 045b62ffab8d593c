import { html, type Language, page, walletCard } from '@samen/http-kit'
import type { ConsentState } from '../decision/consent-policy.ts'
import { readableDay, readableMoment } from '../readable-text.ts'
import type { FamilyRecord } from './read-record.ts'
import type { RecordedConsent } from './recorded-consent.ts'

const nl = {
  title: 'Wie weet wat van je kind?',
  start:
    'Hier zie je elke vraag over je kind: wat er gevraagd is, wie er ja of nee zei, wat is ingetrokken en wat is weggegooid.',
  begin: 'Laat met mijn wallet zien om welk kind het gaat',
  sign: 'Je wallet laat alleen zien over welk kind je gezag hebt. Er wordt niets besloten.',
  none: 'Er zijn geen vragen over dit kind beantwoord.',
  state: {
    requested: 'Wacht op antwoord van een ander met gezag',
    given: 'Ja: de app mag dit',
    refused: 'Nee: de app mag dit niet',
    withdrawn: 'Ingetrokken',
    expired: 'Verlopen',
  },
  word: { yes: 'ja', no: 'nee', withdraw: 'ingetrokken' },
  school: 'School',
  facts: 'Gegevens',
  asked: 'Gevraagd op',
  until: 'Geldig tot en met',
  said: 'Gezegd',
  withdrawn: 'Ingetrokken op',
  deletion: 'Weggegooid',
  deleteBy: (day: string) => `moet uiterlijk ${day}, nog niet bevestigd`,
  overdue: 'te laat: de app heeft niet bevestigd dat de gegevens weg zijn',
  deleted: (moment: string) => `bevestigd door de app op ${moment}`,
  look: 'Bekijk de vraag',
  withdraw: 'Bekijk de vraag of trek je ja in',
  log: 'Dit overzicht kun je controleren',
  logText: (count: number) =>
    `Elke stap staat in een logboek dat niemand ongemerkt kan veranderen. Van dit kind zijn dat ${count} regels. Bewaar het bestand: daarmee kan iedereen die je vertrouwt het narekenen, zonder ons te geloven.`,
  download: 'Download alles (JSON)',
  earlier: 'Heb je al eens een overzicht bewaard?',
  earlierText:
    'Typ dan het getal dat in dat bestand achter "size" staat. In de nieuwe download staat daarmee ook het bewijs dat er aan het logboek van toen niets is veranderd.',
  size: 'Getal achter "size"',
  downloadSince: 'Download met dat bewijs',
}

const en: typeof nl = {
  title: 'Who knows what about your child?',
  start:
    'Here you see every request about your child: what was asked, who said yes or no, what was withdrawn and what was deleted.',
  begin: 'Show with my wallet which child it is about',
  sign: 'Your wallet only shows over which child you have authority. Nothing is decided.',
  none: 'No requests about this child have been answered.',
  state: {
    requested: 'Waiting for another person with authority',
    given: 'Yes: the app may',
    refused: 'No: the app may not',
    withdrawn: 'Withdrawn',
    expired: 'Expired',
  },
  word: { yes: 'yes', no: 'no', withdraw: 'withdrawn' },
  school: 'School',
  facts: 'Data',
  asked: 'Asked on',
  until: 'Valid until the end of',
  said: 'Said',
  withdrawn: 'Withdrawn on',
  deletion: 'Deleted',
  deleteBy: (day) => `due by ${day}, not yet confirmed`,
  overdue: 'overdue: the app has not confirmed that the data are gone',
  deleted: (moment) => `confirmed by the app on ${moment}`,
  look: 'Look at the request',
  withdraw: 'Look at the request or withdraw your yes',
  log: 'You can check this record',
  logText: (count) =>
    `Every step is in a log that nobody can change unseen. For this child that is ${count} entries. Keep the file: with it anybody you trust can verify it, without believing us.`,
  download: 'Download everything (JSON)',
  earlier: 'Did you keep a record before?',
  earlierText:
    'Then type the number that stands behind "size" in that file. The new download then also holds the proof that nothing in the log of that time was changed.',
  size: 'Number behind "size"',
  downloadSince: 'Download with that proof',
}

type Words = typeof nl
const WORDS: Readonly<Record<Language, Words>> = { nl, en }

/** The page before a session: one button. */
export function startPage(lang: Language): string {
  const words = WORDS[lang]
  const body = html`<div class="card"><p>${words.start}</p>
<form method="post" action="sessions?lang=${lang}"><button>${words.begin}</button></form></div>`
  return page({ lang, title: words.title, body })
}

/** The way to the wallet. The record opens in the browser that began, wherever the wallet is. */
export function signInPage(lang: Language, link: string): string {
  const words = WORDS[lang]
  return page({
    lang,
    title: words.title,
    body: html`<p>${words.sign}</p>!${walletCard(lang, { link, pairing: '../vp/pairing/record' })}`,
  })
}

/** Every request that was ever answered for this child. */
export function recordPage(lang: Language, { consents, events }: FamilyRecord): string {
  const words = WORDS[lang]
  const list = consents.toReversed().map((consent) => consentCard(lang, words, consent))
  const body = html`!${list.length === 0 ? html`<p class="card">${words.none}</p>` : list.join('')}
<section class="card"><h2>${words.log}</h2><p>${words.logText(events.length)}</p>
<p><a class="button" href="record?format=json" download="samen.json">${words.download}</a></p>
<h3>${words.earlier}</h3><p>${words.earlierText}</p>
<form method="get" action="record"><input type="hidden" name="format" value="json">
<p><label>${words.size} <input name="since" inputmode="numeric" pattern="[0-9]+" required></label></p>
<button>${words.downloadSince}</button></form></section>`
  return page({ lang, title: words.title, body })
}

function consentCard(lang: Language, words: Words, consent: RecordedConsent): string {
  const { purpose, app, school, state } = consent
  const facts = purpose.claims.map(({ label }) => label[lang]).join('; ')
  const said = consent.decisions.map(({ decision, at }) => saidLine(lang, words, decision, at)).join('')
  return html`<section class="card"><h2>${app.name}: ${purpose.title[lang]}</h2>
<p class="${toneOf(state)}">${words.state[state]}</p><dl>
<dt>${words.school}</dt><dd>${school.name}</dd>
<dt>${words.facts}</dt><dd>${facts}</dd>
<dt>${words.asked}</dt><dd>${readableDay(lang, new Date(consent.requested_at))}</dd>
<dt>${words.until}</dt><dd>${readableDay(lang, consent.until)}</dd>
<dt>${words.said}</dt><dd>!${said}</dd>
!${afterwards(lang, words, consent)}</dl>
<p><a href="../requests/${consent.handle}?lang=${lang}">${state === 'given' ? words.withdraw : words.look}</a></p></section>`
}

function saidLine(lang: Language, words: Words, decision: string, at: string): string {
  return html`${words.word[decision as keyof Words['word']]}, ${readableMoment(lang, at, 'short')}<br>`
}

function afterwards(lang: Language, words: Words, consent: RecordedConsent): string {
  const { withdrawal } = consent
  const withdrawn =
    withdrawal === null
      ? ''
      : html`<dt>${words.withdrawn}</dt><dd>${readableMoment(lang, withdrawal.at, 'medium')}</dd>`
  const deletion = deletionText(lang, words, consent)
  return deletion === '' ? withdrawn : html`!${withdrawn}<dt>${words.deletion}</dt><dd>${deletion}</dd>`
}

function deletionText(lang: Language, words: Words, consent: RecordedConsent): string {
  const { deletion_receipt, deletion_overdue_since, delete_by } = consent
  if (deletion_receipt !== null) return words.deleted(readableMoment(lang, deletion_receipt.received_at, 'short'))
  if (deletion_overdue_since !== null) return words.overdue
  return delete_by === null ? '' : words.deleteBy(readableDay(lang, delete_by))
}

function toneOf(state: ConsentState): string {
  if (state === 'given') return 'good'
  return state === 'requested' ? 'soft' : 'bad'
}
