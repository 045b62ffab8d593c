import type { Language } from '@samen/http-kit'

/** The texts of the request page, in plain words: who, what exactly, why, how long, what a no does, how to take it back. */
const nl = {
  titleConsent: (app: string) => `Mag ${app} gegevens van je kind gebruiken?`,
  titleRelease: (app: string) => `Mag de school gegevens van je kind geven aan ${app}?`,
  lead: 'Je beslist voor één kind. Lees rustig wat er gevraagd wordt. Je hoeft nu niets te kiezen.',
  leadRelease:
    'De school wil deze app gebruiken voor haar eigen taak. Ook dan gaat er niets naar de app zonder jouw ja. Je beslist voor één kind.',
  who: 'Wie vraagt dit?',
  app: 'App',
  school: 'School',
  contract: 'Afspraak',
  contractText: (model: string, reference: string, day: string) =>
    `School en app hebben een verwerkersovereenkomst: ${model}, kenmerk ${reference}, getekend op ${day}.`,
  why: 'Waarvoor?',
  what: 'Welke gegevens precies?',
  nothingMore:
    'Meer gegevens krijgt de app niet. De app krijgt ook een code voor je kind die bij geen enkele andere app past.',
  howLong: 'Hoe lang?',
  until: (day: string) => `Je ja geldt tot en met ${day}. Daarna stopt het vanzelf.`,
  retention: (time: string) => `De app bewaart de gegevens hoogstens ${time}.`,
  parties: 'Wie beslist mee?',
  every:
    'Iedereen die gezag heeft over je kind moet ja zeggen. Zegt één van jullie nee, dan gaat het niet door. Geen antwoord is ook geen ja.',
  one: 'Het ja van één ouder of voogd is genoeg. Zegt een van jullie nee, dan stopt het. Geen antwoord is geen ja.',
  ifNo: 'Wat gebeurt er als je nee zegt?',
  ifNoText:
    'Dan krijgt de app deze gegevens niet. De app hoort niet wie nee zei. Je kind mag er op school geen nadeel van hebben: vraag de school om een andere manier.',
  takeBack: 'Hoe neem je het terug?',
  takeBackText:
    'Kom terug op deze pagina en trek je ja in. Dat kan altijd, ook alleen, en je hoeft niet te zeggen waarom. Is je kind intussen van school? Bewaar dan het bewijs van gezag in je wallet: daarmee kan het nog steeds. Binnen 10 seconden krijgt de app niets meer. Wat de app al heeft, moet hij binnen 30 dagen weggooien en dat bevestigen.',
  record: 'Bekijk je eigen overzicht',
  answer: 'Jouw antwoord',
  answerHow: (moment: string) =>
    `Na je keuze opent je wallet. Daarmee laat je zien dat je over dit kind mag beslissen. Antwoorden kan tot ${moment}.`,
  yes: 'Ja, dit mag',
  no: 'Nee, dit mag niet',
  given: 'De app mag de gegevens nu gebruiken.',
  withdrawHow: 'Je kunt dit op elk moment intrekken. Daarna opent je wallet om te bevestigen dat jij het bent.',
  withdraw: 'Ik trek mijn ja in',
  withdrawn: 'Dit is ingetrokken. Deze vraag geeft de app geen recht meer op de gegevens.',
  closed: 'Deze vraag is gesloten. De app mag de gegevens niet gebruiken.',
  exactText: 'De precieze tekst van dit doel',
}

const en: typeof nl = {
  titleConsent: (app) => `May ${app} use data about your child?`,
  titleRelease: (app) => `May the school give data about your child to ${app}?`,
  lead: 'You decide for one child. Take your time to read what is asked. You do not have to choose now.',
  leadRelease:
    'The school wants to use this app for its own task. Even so, nothing goes to the app without your yes. You decide for one child.',
  who: 'Who is asking?',
  app: 'App',
  school: 'School',
  contract: 'Agreement',
  contractText: (model, reference, day) =>
    `School and app have a processor agreement: ${model}, reference ${reference}, signed on ${day}.`,
  why: 'What for?',
  what: 'Which data exactly?',
  nothingMore: 'The app gets nothing more. It also gets a code for your child that fits no other app.',
  howLong: 'For how long?',
  until: (day) => `Your yes is valid until the end of ${day}. Then it stops by itself.`,
  retention: (time) => `The app keeps the data for at most ${time}.`,
  parties: 'Who decides with you?',
  every:
    'Everyone with authority over your child has to say yes. If one of you says no, it does not happen. No answer is not a yes.',
  one: 'The yes of one parent or guardian is enough. If one of you says no, it stops. No answer is not a yes.',
  ifNo: 'What happens if you say no?',
  ifNoText:
    'Then the app does not get these data. The app does not hear who said no. Your child may not suffer for it at school: ask the school for another way.',
  takeBack: 'How do you take it back?',
  takeBackText:
    'Come back to this page and withdraw your yes. You always can, also alone, and you need not say why. Has your child left the school? Keep the proof of authority in your wallet: with it you still can. Within 10 seconds the app gets nothing more. What it already has it must delete within 30 days, and confirm that.',
  record: 'Look at your own record',
  answer: 'Your answer',
  answerHow: (moment) =>
    `After your choice your wallet opens. With it you show that you may decide about this child. You can answer until ${moment}.`,
  yes: 'Yes, they may',
  no: 'No, they may not',
  given: 'The app may use the data now.',
  withdrawHow: 'You can withdraw this at any time. Your wallet then opens to confirm that it is you.',
  withdraw: 'I withdraw my yes',
  withdrawn: 'This was withdrawn. This request gives the app no right to the data any more.',
  closed: 'This request is closed. The app may not use the data.',
  exactText: 'The exact text of this purpose',
}

export type RequestWords = typeof nl
export const REQUEST_WORDS: Readonly<Record<Language, RequestWords>> = { nl, en }
