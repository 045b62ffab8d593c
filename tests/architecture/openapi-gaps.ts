type Content = Readonly<
  Record<string, { readonly schema?: unknown; readonly examples?: unknown; readonly example?: unknown }>
>
type Answer = { readonly description?: string; readonly content?: Content }
type Operation = {
  readonly summary?: string
  readonly tags?: readonly string[]
  readonly security?: readonly object[]
  readonly parameters?: readonly { readonly in: string; readonly name: string }[]
  readonly requestBody?: { readonly content?: Content }
  readonly responses?: Readonly<Record<string, Answer>>
}
export type Document = { readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>> }

/** Between nodes: the sender's signature in the body says who calls, and its `jti` is taken once. */
const SIGNED_MESSAGES = [
  'POST /v1/purposes',
  'POST /v1/agreements',
  'POST /v1/consent-requests',
  'POST /v1/deletion-receipts',
]
/** Besides those: an admission that is repeated does the same, a released result is not released again. */
const WITHOUT_IDEMPOTENCY_KEY = [
  ...SIGNED_MESSAGES,
  'POST /v1/entities',
  'POST /v1/apps/{app}/presentations/{id}/pairing',
]

/**
 * What a reader of an OpenAPI document would have to ask: operations without summary, tag or answer, answers that say nothing, bodies and
 * good answers in JSON without an example; under `/v1` also who may call and, for a POST, what a repeat does. Returns one line a gap.
 */
export function findGaps(document: Document): string[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, operation]) => gapsOf(`${method.toUpperCase()} ${path}`, operation)),
  )
}

function gapsOf(name: string, operation: Operation): string[] {
  const { summary, tags, requestBody, responses = {} } = operation
  const answers = Object.entries(responses).flatMap(([status, { description, content }]) => [
    ...(!description || description === 'Default Response' ? [`${name} ${status}: says nothing`] : []),
    ...(status.startsWith('2') && lacksExample(content) ? [`${name} ${status}: no example`] : []),
  ])
  return [
    ...(summary ? [] : [`${name}: no summary`]),
    ...(tags?.length ? [] : [`${name}: no tag`]),
    ...(Object.keys(responses).length > 0 ? [] : [`${name}: no answer`]),
    ...(lacksExample(requestBody?.content) ? [`${name}: no example of the body`] : []),
    ...answers,
    ...managementGaps(name, operation),
  ]
}

function managementGaps(name: string, { security = [], parameters = [] }: Operation): string[] {
  if (!/^[A-Z]+ \/v1\//.test(name)) return []
  const saysWho = security.length > 0 && security.every((schemes) => Object.keys(schemes).length > 0)
  const takesKey = parameters.some((parameter) => parameter.in === 'header' && parameter.name === 'Idempotency-Key')
  const needsKey = name.startsWith('POST ') && !WITHOUT_IDEMPOTENCY_KEY.includes(name)
  return [
    ...(saysWho || SIGNED_MESSAGES.includes(name) ? [] : [`${name}: does not say who may call`]),
    ...(takesKey || !needsKey ? [] : [`${name}: no Idempotency-Key`]),
  ]
}

function lacksExample(content: Content | undefined): boolean {
  const json = content?.['application/json']
  return json !== undefined && !/"(examples?|const|enum)":/.test(JSON.stringify(json))
}
