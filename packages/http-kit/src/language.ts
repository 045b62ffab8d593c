import type { FastifyRequest } from 'fastify'

export type Language = 'nl' | 'en'

/** The language of a page: `?lang=`, else the browser's first choice of the two that there are, else Dutch. */
export function languageOf(request: FastifyRequest): Language {
  const asked = (request.query as { lang?: unknown } | undefined)?.lang
  if (asked === 'nl' || asked === 'en') return asked
  return firstChoice(request.headers['accept-language'] ?? '')
}

function firstChoice(header: string): Language {
  const choices = header
    .slice(0, 256)
    .split(',')
    .map((part) => {
      const [tag = '', weight] = part.trim().toLowerCase().split(';q=')
      return { language: tag.slice(0, 2), weight: weight === undefined ? 1 : Number(weight) || 0 }
    })
    .filter(({ language, weight }) => (language === 'nl' || language === 'en') && weight > 0)
    .sort((a, b) => b.weight - a.weight)
  return choices[0]?.language === 'en' ? 'en' : 'nl'
}
