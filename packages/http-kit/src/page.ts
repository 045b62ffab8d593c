import type { FastifyReply } from 'fastify'
import { html } from 'ghtml'
import type { Language } from './language.ts'
import { PAGE_STYLE, pagePolicy } from './page-style.ts'

export type Page = {
  readonly lang: Language
  /** Plain text; also the heading of the page. */
  readonly title: string
  /** HTML made with `html`, so that every value in it is escaped. */
  readonly body: string
}

const WORDS = {
  nl: { skip: 'Naar de inhoud', language: 'Taal', footer: 'Samen: jij beslist wie wat van je kind ziet.' },
  en: { skip: 'To the content', language: 'Language', footer: 'Samen: you decide who sees what about your child.' },
} as const

/** A whole page around `body`: readable by screen readers, in light and dark, on paper, and without any script. */
export function page({ lang, title, body }: Page): string {
  const words = WORDS[lang]
  return html`<!doctype html>
<html lang="${lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title} · Samen</title>
<style>!${PAGE_STYLE}</style>
</head>
<body>
<a class="skip" href="#content">${words.skip}</a>
<header><span class="name">Samen</span>
<nav aria-label="${words.language}"><ul>
<li>!${languageLink(lang, 'nl', 'Nederlands')}</li>
<li>!${languageLink(lang, 'en', 'English')}</li>
</ul></nav></header>
<main id="content" tabindex="-1">
<h1>${title}</h1>
!${body}
</main>
<footer><p>${words.footer}</p></footer>
</body>
</html>
`
}

function languageLink(current: Language, target: Language, name: string): string {
  if (current === target) return html`<span lang="${target}" aria-current="true">${name}</span>`
  return html`<a href="?lang=${target}" lang="${target}" hreflang="${target}">${name}</a>`
}

/** Sends a page with the policy that allows its style sheet, forms that end here, and nothing else. */
export function sendPage(reply: FastifyReply, text: string): FastifyReply {
  return sendPageLeadingTo(reply, text, [])
}

/** The same for a page with a form whose answer is a redirect to one of these origins, such as `https://app.example`. */
export function sendPageLeadingTo(reply: FastifyReply, text: string, origins: readonly string[]): FastifyReply {
  return reply.type('text/html; charset=utf-8').header('content-security-policy', pagePolicy(origins)).send(text)
}

const ERRORS = {
  nl: {
    missing: ['Deze pagina is er niet', 'De link is niet (meer) geldig. Vraag een nieuwe aan wie hem stuurde.'],
    later: ['Het lukt nu even niet', 'Probeer het over een paar seconden opnieuw. Er is niets verloren gegaan.'],
    refused: ['Dat kan zo niet', 'Ga terug naar de vorige pagina en probeer het opnieuw.'],
  },
  en: {
    missing: ['There is no such page', 'The link is not valid, or no longer. Ask whoever sent it for a new one.'],
    later: ['Not possible right now', 'Try again in a few seconds. Nothing was lost.'],
    refused: ['That cannot be done', 'Go back to the previous page and try again.'],
  },
} as const

/** The page for an error: what to do now, in plain words, and nothing about what went wrong inside. */
export function errorPage(lang: Language, status: number): string {
  const kind = status === 404 ? 'missing' : status >= 500 || status === 429 ? 'later' : 'refused'
  const [title, advice] = ERRORS[lang][kind]
  return page({ lang, title, body: html`<p class="card">${advice}</p>` })
}
