const zone = 'America/Sao_Paulo'
const clock = new Intl.DateTimeFormat('sv-SE', {
  timeZone: zone,
  dateStyle: 'short',
  timeStyle: 'medium',
})

/** Rows under their keys, in columns as wide as they need. Takes at least one row. */
export function table(rows: readonly Readonly<Record<string, string>>[]): string {
  const headers = Object.keys(rows[0] ?? {})
  const cells = [headers, ...rows.map((row) => headers.map((header) => row[header] ?? ''))]
  const widths = headers.map((_, column) =>
    Math.max(...cells.map((line) => line[column]?.length ?? 0)),
  )
  return cells
    .map((line) => line.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
    .map((line) => line.trimEnd())
    .join('\n')
}

/** An ISO time as operators read it, e.g. `2026-11-23 19:54:42`, in São Paulo. */
export function localTime(iso: string | undefined): string {
  return iso === undefined ? '-' : clock.format(new Date(iso))
}

const units = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
] as const

/** The two largest units, e.g. `2 h 5 min`; whole seconds. */
export function duration(seconds: number): string {
  const parts: string[] = []
  let rest = Math.max(0, Math.round(seconds))
  for (const [unit, size] of units) {
    const count = Math.floor(rest / size)
    rest -= count * size
    if (count > 0) parts.push(`${count} ${unit}`)
  }
  return parts.slice(0, 2).join(' ') || '0 s'
}
