import ipaddr from 'ipaddr.js'

/**
 * Whether an IP address is an ordinary one on the public internet: not private, loopback, link-local (where clouds keep
 * their metadata), multicast, reserved, or an IPv6 form that leads to an IPv4 address.
 */
export function isPublicAddress(address: string): boolean {
  const parsed = parse(address)
  if (parsed?.range() !== 'unicast') return false
  // ::ffff:0:0/96, 64:ff9b::/96 and the like are other ranges; ::a.b.c.d and all else unassigned lies outside 2000::/3.
  return parsed instanceof ipaddr.IPv4 || parsed.match(ipaddr.IPv6.parse('2000::'), 3)
}

/** Whether an IP address means this machine. */
export function isLoopbackAddress(address: string): boolean {
  return parse(address)?.range() === 'loopback'
}

/** Whether this is an IP address at all, and not a name. */
export function isAddress(host: string): boolean {
  return ipaddr.isValid(host)
}

function parse(address: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  return ipaddr.isValid(address) ? ipaddr.parse(address) : undefined
}
