/** The address of another database on the same server, as the same user or as `login`. */
export function addressOf(server: string, database: string, login?: { role: string; password: string }): string {
  const url = new URL(server)
  url.pathname = `/${database}`
  if (login) {
    url.username = login.role
    url.password = login.password
  }
  return url.href
}
