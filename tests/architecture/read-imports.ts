/** A module that a file names. `isType`: only types come from it, so that nothing of it runs. */
export type Import = { readonly name: string; readonly isType: boolean }

const STATEMENT = /(?:^|[\s;])(?:import|export)\s+([^'"`;]*?)\s*from\s*['"]([^'"]+)['"]/g
const BARE = /(?:^|[\s;(])import\s*\(?\s*['"]([^'"]+)['"]/g

/** Every module that a file imports or exports from, also at run time. In: the text without comments. */
export function readImports(code: string): Import[] {
  const named = [...code.matchAll(STATEMENT)].map(([, what = '', name = '']) => ({ name, isType: takesTypes(what) }))
  const bare = [...code.matchAll(BARE)].map(([, name = '']) => ({ name, isType: false }))
  return [...named, ...bare]
}

/** `type { A }`, or `{ type A, type B }`. */
function takesTypes(what: string): boolean {
  if (/^type\b/.test(what)) return true
  const members =
    /^\{([^}]*)\}$/
      .exec(what)?.[1]
      ?.split(',')
      .flatMap((member) => member.trim() || []) ?? []
  return members.length > 0 && members.every((member) => member.startsWith('type '))
}

/** The text of a file without what is said about it. */
export function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '$1')
}
