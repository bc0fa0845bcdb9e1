import { BlockList, isIP } from 'node:net'

/** Everything that is not the public internet (IANA special-purpose registries). */
const special = new BlockList()
const ipv4 = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const
const ipv6 = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const
for (const [net, prefix] of ipv4) special.addSubnet(net, prefix, 'ipv4')
for (const [net, prefix] of ipv6) special.addSubnet(net, prefix, 'ipv6')

/** 2000::/3 is all of IPv6 that is given out; mapped, translated and local forms lie outside. */
const given = new BlockList()
given.addSubnet('2000::', 3, 'ipv6')

/** Whether a resolved address is one of the public internet; what is no address is not. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address)
  if (family === 4) return !special.check(address, 'ipv4')
  // A zone (`fe80::1%eth0`) belongs to addresses of the own network only.
  if (family !== 6 || address.includes('%')) return false
  return given.check(address, 'ipv6') && !special.check(address, 'ipv6')
}
