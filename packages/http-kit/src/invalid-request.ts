/**
 * A request without the form that its route asks for: 400 in the style of the route. `path` names the first member that
 * does not fit, only as far as the schema names it; the message is constant and input is never echoed.
 */
export class InvalidRequest extends Error {
  override readonly name = 'InvalidRequest'
  readonly path: string

  constructor(path: string, cause?: unknown) {
    super('the request does not have the required form', { cause })
    this.path = path
  }
}
