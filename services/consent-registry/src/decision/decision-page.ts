import type { DecisionWord } from '@samen/consent'
import { html, type Language, page, walletCard } from '@samen/http-kit'
import type { DecisionOutcome } from '../presentation/outcome.ts'
import { readableDay, readableMoment } from '../readable-text.ts'
import type { RequestRow } from '../request/request.sql.ts'
import type { BegunDecision } from './begin-decision.ts'
import type { ConsentState, RefusalCode } from './consent-policy.ts'

const nl = {
  title: { yes: 'Je zegt: ja, dit mag', no: 'Je zegt: nee, dit mag niet', withdraw: 'Je trekt je ja in' },
  confirm: {
    yes: (app: string, title: string) => `Je geeft ${app} toestemming voor “${title}”.`,
    no: (app: string, title: string) => `Je weigert ${app} de gegevens voor “${title}”.`,
    withdraw: (app: string, title: string) => `${app} mag de gegevens voor “${title}” niet langer gebruiken.`,
  },
  sign: 'Bevestig dit met je wallet. Je wallet zet jouw handtekening onder precies dit antwoord. Pas daarna telt het.',
  back: 'Klopt dit niet? Ga terug, er is nog niets besloten.',
  done: { yes: 'Je hebt ja gezegd.', no: 'Je hebt nee gezegd.', withdraw: 'Je hebt je ja ingetrokken.' },
  state: {
    requested:
      'Nog niet iedereen met gezag heeft geantwoord. Stuur de link van deze pagina door aan de andere ouder of voogd.',
    given: 'Iedereen die nodig is heeft ja gezegd. De app mag de gegevens nu gebruiken.',
    refused: 'De app krijgt de gegevens niet en hoort niet wie nee zei.',
    withdrawn: 'Deze vraag geeft de app geen recht meer op de gegevens.',
    expired: 'De tijd voor deze vraag is voorbij.',
  },
  stillGiven:
    'Je zei ook ja op een andere vraag van deze app over hetzelfde. Dat ja geldt nog. Wil je ook dat niet meer, trek het dan in:',
  other: 'Naar die vraag',
  effective: (moment: string) => `Dit werkt uiterlijk op ${moment}.`,
  deleteBy: (day: string) =>
    `De app moet uiterlijk ${day} weggooien wat hij heeft, en dat bevestigen. Je ziet dat in je overzicht.`,
  notDecided: {
    authority_ended:
      'Volgens de school mag jij hier nu niet (meer) over beslissen. Er is niets besloten. Klopt dat niet? Vraag het aan de school.',
    another_child:
      'Deze vraag gaat over een kind waarover je met deze wallet geen gezag laat zien. Er is niets besloten.',
    holders_disagree:
      'De gegevens van de ouders kloppen niet met elkaar: zij noemen een ander aantal personen met gezag. Er is niets besloten. De school kan dit herstellen.',
    already_said: 'Je hebt dit al gezegd. Er is niets veranderd.',
    nothing_to_withdraw: 'Er is geen ja om in te trekken. Er is niets veranderd.',
    ended: 'Deze vraag is al gesloten. Er is niets veranderd.',
  } satisfies Record<RefusalCode, string>,
}

const en: typeof nl = {
  title: { yes: 'You say: yes, they may', no: 'You say: no, they may not', withdraw: 'You withdraw your yes' },
  confirm: {
    yes: (app, title) => `You allow ${app} the data for “${title}”.`,
    no: (app, title) => `You refuse ${app} the data for “${title}”.`,
    withdraw: (app, title) => `${app} may no longer use the data for “${title}”.`,
  },
  sign: 'Confirm this with your wallet. Your wallet signs exactly this answer. Only then it counts.',
  back: 'Not right? Go back, nothing has been decided yet.',
  done: { yes: 'You said yes.', no: 'You said no.', withdraw: 'You have withdrawn your yes.' },
  state: {
    requested:
      'Not everyone with authority has answered yet. Forward the link of this page to the other parent or guardian.',
    given: 'Everyone who is needed has said yes. The app may use the data now.',
    refused: 'The app does not get the data and does not hear who said no.',
    withdrawn: 'This request gives the app no right to the data any more.',
    expired: 'The time for this request is over.',
  },
  stillGiven:
    'You also said yes to another request of this app about the same. That yes still stands. If you no longer want that either, take it back:',
  other: 'To that request',
  effective: (moment) => `This is effective on ${moment} at the latest.`,
  deleteBy: (day) => `The app must delete what it has by ${day}, and confirm that. You will see it in your record.`,
  notDecided: {
    authority_ended:
      'According to the school you may not decide about this now, or no longer. Nothing was decided. Not right? Ask the school.',
    another_child: 'This request is about a child over whom your wallet shows no authority. Nothing was decided.',
    holders_disagree:
      'The credentials of the parents disagree: they name different numbers of persons with authority. Nothing was decided. The school can correct this.',
    already_said: 'You have said so already. Nothing has changed.',
    nothing_to_withdraw: 'There is no yes to withdraw. Nothing has changed.',
    ended: 'This request has closed already. Nothing has changed.',
  },
}

const WORDS: Readonly<Record<Language, typeof nl>> = { nl, en }

/** What the guardian is about to sign, in words, and the way to the wallet. */
export function decisionPage(lang: Language, { request, word, presentation }: BegunDecision): string {
  const words = WORDS[lang]
  const text = decisionText(lang, request, word)
  const body = html`<p><strong>${text}</strong></p><p>${words.sign}</p>
!${walletCard(lang, { link: presentation.authorizationRequest, pairing: '../../vp/pairing/decision' })}
<p><a href="../${request.handle}?lang=${lang}">${words.back}</a></p>`
  return page({ lang, title: words.title[word], body })
}

/** What came of it, for the browser that began. */
export function outcomeNotice(lang: Language, outcome: DecisionOutcome): string {
  const words = WORDS[lang]
  if (outcome.result === 'not-decided') {
    return html`<div class="card" role="status"><p class="bad">${words.notDecided[outcome.reason]}</p></div>`
  }
  const { decision, state, effective_at, delete_by, still_given: others = [] } = outcome
  const effective =
    effective_at === undefined ? '' : html`<p>${words.effective(readableMoment(lang, effective_at, 'medium'))}</p>`
  const deletion = delete_by === undefined ? '' : html`<p>${words.deleteBy(readableDay(lang, delete_by))}</p>`
  return html`<div class="card" role="status"><p class="${toneOf(state)}">${words.done[decision]}</p>
<p>${words.state[state]}</p>!${effective}!${deletion}!${stillGiven(lang, others)}</div>`
}

/** Pages of requests lie beside each other. */
function stillGiven(lang: Language, handles: readonly string[]): string {
  const { stillGiven: text, other } = WORDS[lang]
  const links = handles.map((handle) => html`<li><a href="${handle}?lang=${lang}">${other}</a></li>`)
  return links.length === 0 ? '' : html`<p><strong>${text}</strong></p><ul>!${links.join('')}</ul>`
}

/** What a word means, for this request. Where the legal basis is not consent the act is a release, and is never called consent. */
export function decisionText(lang: Language, request: RequestRow, word: DecisionWord): string {
  const { app_name: app, purpose } = request
  const title = purpose.title[lang]
  if (purpose.legal_basis === 'consent' || word !== 'yes') return WORDS[lang].confirm[word](app, title)
  return lang === 'nl'
    ? `De school mag ${app} de gegevens geven voor “${title}”.`
    : `The school may give ${app} the data for “${title}”.`
}

function toneOf(state: ConsentState): string {
  return state === 'requested' || state === 'given' ? 'good' : 'bad'
}
