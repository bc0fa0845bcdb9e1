/** The known word that is nearest to one, at most a third of its letters away; undefined: none. */
export function didYouMean(word: string, known: readonly string[]): string | undefined {
  const most = Math.max(1, Math.floor(word.length / 3))
  const [nearest] = known
    .map((candidate) => ({
      candidate,
      distance: distanceOf(word.toLowerCase(), candidate.toLowerCase()),
    }))
    .filter(({ distance }) => distance <= most)
    .toSorted((one, other) => one.distance - other.distance)
  return nearest?.candidate
}

/** Letters to add, drop or change (Levenshtein), row by row. */
function distanceOf(one: string, other: string): number {
  const first = Array.from({ length: other.length + 1 }, (_, at) => at)
  const last = [...one].reduce((row, letter, at) => nextRow(row, { letter, at, other }), first)
  return last[other.length] ?? 0
}

function nextRow(
  row: readonly number[],
  { letter, at, other }: { letter: string; at: number; other: string },
): number[] {
  const next = [at + 1]
  for (const [place, sign] of [...other].entries()) {
    const changed = (row[place] ?? 0) + (sign === letter ? 0 : 1)
    next.push(Math.min(changed, (row[place + 1] ?? 0) + 1, (next[place] ?? 0) + 1))
  }
  return next
}
