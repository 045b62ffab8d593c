type Content = Readonly<
  Record<string, { readonly schema?: unknown; readonly examples?: unknown; readonly example?: unknown }>
>
type Answer = { readonly description?: string; readonly content?: Content }
type Operation = {
  readonly summary?: string
  readonly tags?: readonly string[]
  readonly requestBody?: { readonly content?: Content }
  readonly responses?: Readonly<Record<string, Answer>>
}
export type Document = { readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>> }

/**
 * What a reader of an OpenAPI document would have to ask: operations without summary, tag or answer, answers that say nothing, bodies and
 * good answers in JSON without an example. Returns one line a gap.
 */
export function findGaps(document: Document): string[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, operation]) => gapsOf(`${method.toUpperCase()} ${path}`, operation)),
  )
}

function gapsOf(name: string, { summary, tags, requestBody, responses = {} }: Operation): string[] {
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
  ]
}

function lacksExample(content: Content | undefined): boolean {
  const json = content?.['application/json']
  return json !== undefined && !/"(examples?|const|enum)":/.test(JSON.stringify(json))
}
