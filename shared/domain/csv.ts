/**
 * Letters with which a spreadsheet takes a text for a formula (OWASP: CSV injection), where a cell may
 * begin. Where cells are parted by `;`, as in Brazil, what is quoted for `,` is not: a `;`, a tab or a
 * line end inside of a text begins a new cell there.
 */
const formulaStart = /(?=[=+\-@＝＋－＠])(?<=(?:^|[;\t\r\n])[\s"]*)|^(?=[\t\r])/g

/** A table as CSV (RFC 4180) that no spreadsheet runs: what could be a formula begins with `'`. */
export function toCsv(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('')
}

function cell(value: string): string {
  const safe = value.replaceAll(formulaStart, "'")
  return /[",;\r\n\t']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
