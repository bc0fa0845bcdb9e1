const places = [
  'api',
  'whatsapp',
  'mail',
  'issuer',
  'dataApi',
  'aws',
  'kms',
  'secretsManager',
  'postgres',
] as const

export type Ports = Readonly<Record<(typeof places)[number], number>>

/** A block of ports from `first` on, one for each part; 0 leaves each to the system. */
export function portBlock(first: number): Ports {
  const entries = places.map((name, index) => [name, first === 0 ? 0 : first + index])
  return Object.fromEntries(entries) as Ports
}
