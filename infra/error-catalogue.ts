import { type Problems, refusalCodes } from '#shared/contracts/openapi/refusals.ts'
import type { Operations } from '#shared/contracts/operation.ts'

const opening = `# Errors

Every refusal is a Problem Details object (RFC 9457, \`application/problem+json\`):

| field | |
| --- | --- |
| \`code\` | stable; programs branch on it |
| \`status\`, \`title\`, \`type\` | the HTTP status, what is wrong in English, and \`urn:recado:problem:<code>\` |
| \`text\` | what is wrong, for people, in Portuguese |
| \`retryable\` | the same request may succeed later; 429 says in \`Retry-After\` when |
| \`errors\` | the fields that are wrong: \`path\` (\`contacts.0.address\`) and \`message\` |
| \`expected\` | what a template takes, with \`template-parameters\` |
| \`requestId\`, \`traceId\` | find the request in the logs and in AWS X-Ray |

Before a request reaches Recado, API Gateway may answer \`{"message": …}\` by itself: 401 without a good token, 403 without the scope, 404 for a path that does not exist, 429 for all callers together, 503 after 30 seconds.

Made of the contracts by \`npm run openapi\`; a test compares.
`

/** The catalogue of errors as Markdown: every code, and which operations may answer it. */
export function errorCatalogue(
  rooms: Readonly<Record<string, Operations>>,
  problems: Problems,
): string {
  const operations = Object.entries(Object.assign({}, ...Object.values(rooms)) as Operations)
  const rows = Object.entries(problems)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([code, { status, title, text, retryable }]) => {
      const ids = operations
        .filter(([, operation]) => refusalCodes(operation, problems).includes(code))
        .map(([id]) => `\`${id}\``)
      const where = ids.length === operations.length ? 'every operation' : ids.join(', ')
      return `| \`${code}\` | ${status} | ${retryable ? 'yes' : 'no'} | ${title} | ${text} | ${where} |`
    })
  const head =
    '| code | status | retryable | title | text for people | who answers it |\n| --- | --- | --- | --- | --- | --- |'
  return `${opening}\n## The codes\n\n${head}\n${rows.join('\n')}\n`
}
