/** First letters with which a spreadsheet takes a text for a formula (OWASP: CSV injection). */
const formulaStart = /^[=+\-@\t\r]/

/** A table as CSV (RFC 4180) that no spreadsheet runs: what could be a formula begins with `'`. */
export function toCsv(rows: readonly (readonly string[])[]): string {
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('')
}

function cell(value: string): string {
  const safe = formulaStart.test(value) ? `'${value}` : value
  return /[",\r\n\t']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
