/**
 * Splits SQL into statements at semicolons that stand outside strings, quoted names, comments and
 * dollar quotes: the Data API takes one statement a call. Comments stay with their statement.
 */
export function splitStatements(sql: string): readonly string[] {
  const statements: string[] = []
  let start = 0
  let position = 0
  while (position < sql.length) {
    const span = quotedSpan(sql, position)
    if (span > 0) {
      position += span
    } else if (sql[position] === ';') {
      statements.push(sql.slice(start, position))
      position += 1
      start = position
    } else {
      position += 1
    }
  }
  statements.push(sql.slice(start))
  return statements.map((statement) => statement.trim()).filter(hasCode)
}

const quoted = [
  /--[^\n]*/y,
  /\/\*[\s\S]*?\*\//y,
  /[eE]'(?:[^'\\]|\\[\s\S]|'')*'/y,
  /'(?:[^']|'')*'/y,
  /"(?:[^"]|"")*"/y,
  /\$([A-Za-z_]\w*)?\$[\s\S]*?\$\1\$/y,
]

/** Length of the comment, string or quoted name that starts here; 0 when none does. */
function quotedSpan(sql: string, position: number): number {
  for (const pattern of quoted) {
    pattern.lastIndex = position
    const match = pattern.exec(sql)
    if (match) return match[0].length
  }
  return 0
}

function hasCode(statement: string): boolean {
  return statement.replace(/--[^\n]*|\/\*[\s\S]*?\*\//g, '').trim() !== ''
}
