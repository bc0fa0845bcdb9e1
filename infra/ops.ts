import { readCommand } from './ops/commands.ts'
import { sentenceFor, wireOperations } from './ops/operations.ts'

const usage = `What only operators may do: add companies, see what waits, bring back what failed.

Adding prints the new id as JSON:

npm run -s ops -- tenant add --name NAME [--time-zone America/Sao_Paulo] [--service-window enforced]
npm run -s ops -- tenant set --tenant ID [--service-window left-to-provider] [--reopen-days N]
                             [--opt-out-confirmation TEXT] [--event-source SOURCE]
npm run -s ops -- tenant keep --tenant ID [--close-after 30] [--archive-after 90]
                             [--transactional 1825] [--marketing 180] [--inbound 1825]
                             [--media 365] [--billing 1825] [--tasks 30] [--raw 7]
npm run -s ops -- tenant rotate-key --tenant ID
npm run -s ops -- tenant retire-keys --tenant ID
npm run -s ops -- client add --tenant ID --issuer URL --client-id ID [--rate 50] [--burst 1000]
npm run -s ops -- client set --tenant ID --issuer URL --client-id ID [--rate 50] [--burst 1000]
npm run -s ops -- sender add --tenant ID --channel WHATSAPP --phone-number-id ID --waba-id ID
                             --secret NAME [--default]
npm run -s ops -- sender add --tenant ID --channel EMAIL --from ADDRESS [--from-name NAME]
                             [--reply-domain DOMAIN] [--unsubscribe-url URL]
                             [--configuration-set NAME] [--default]

npm run -s ops -- mail rules --tenant ID [--soft-bounce-run 3] [--bounce-rate-percent 5]
                             [--bounce-rate-minimum 100]
npm run -s ops -- mail resume --tenant ID
npm run -s ops -- billing set --tenant ID --base-url URL --secret NAME [--timeout-ms 2000]
npm run -s ops -- billing remove --tenant ID

  --reopen-days     for how many days after its end a chat that somebody writes to opens again
  --event-source    of the events that the tenant's finance system puts on the bus recado-business
  billing set       where the tenant's finance system is asked whether a debt still stands: its token
                    is in the secret recado/billing/NAME as {"accessToken": ...}
  --opt-out-confirmation  what a person is told after SAIR; '' tells nothing
  tenant keep       how many days what is kept, 1 to 3650 or forever: chats until they are closed
                    and archived, contents by purpose, files, what was told of debts and which
                    steps were taken (--billing, from 730, since the debt ended), ended tasks and
                    what nobody resolved or acknowledged (its body; the row as long again), bodies
                    of providers. Tenant 0 is the deployment itself: what came to nobody
  tenant rotate-key   makes a new data key; 15 minutes later everything begins to be sealed anew
  tenant retire-keys  removes older data keys, once nothing is sealed under them
  --rate, --burst   requests per second that the client may make, and how many at once; a change
                    holds for its next request
  --secret          where the sender's token is: the secret recado/senders/NAME
  --reply-domain    answers to its mails come back there, into their chats
  --unsubscribe-url where marketing mails are left with one click
  --soft-bounce-run      so many soft bounces in a row suppress an address
  --bounce-rate-percent  hard bounces of the last 1,000 mails above which marketing mails are paused,
  --bounce-rate-minimum  once there are so many mails
  mail resume       lets paused marketing mails go again
  --default         write from this sender to people it has not written with before

npm run -s ops -- privacy replay

  privacy replay    after a restore of the database, before it is used: plans every erasure of the
                    ledger again whose person is there; prints counts

Watching prints a table, with --json JSON; times are those of São Paulo:
npm run -s ops -- waiting [--tenant ID] [--limit 100] [--json]
npm run -s ops -- failures list [--tenant ID] [--limit 100] [--all] [--json]
npm run -s ops -- failures show ID [--as NAME] [--purpose CODE]
npm run -s ops -- failures retry ID
npm run -s ops -- failures dismiss ID
npm run -s ops -- templates list --tenant ID [--name N] [--language L] [--status S] [--category C]
                                 [--limit 100] [--json]
npm run -s ops -- templates sync [--tenant ID]
npm run -s ops -- templates accept --tenant ID --name NAME --language LANGUAGE
npm run -s ops -- templates begin --tenant ID --way link|pix|boleto
npm run -s ops -- cleanup --dry-run [--tenant ID] [--json]
npm run -s ops -- alerts list [--tenant ID] [--limit 100] [--all] [--as NAME]
                               [--purpose CODE] [--json]
npm run -s ops -- alerts ack ID
npm run -s ops -- audit verify [--tenant ID] [--heads 31] [--json]
npm run -s ops -- audit who-saw --tenant ID --actor NAME [--from TIME] [--to TIME] [--limit 100]
                                [--as NAME] [--purpose CODE] [--json]
npm run -s ops -- audit of-person --tenant ID --person ID [--from TIME] [--to TIME] [--limit 100]
                                  [--as NAME] [--purpose CODE] [--json]
npm run -s ops -- billing ask --tenant ID --installment ID | --movement ID

  waiting           every message that is not final, and why; oldest first
  failures list     dead letters that nobody has resolved; --all: the resolved ones too
  failures show     one of them with its body, which may hold personal data
  failures retry    puts the body back on its queue; what it asks for is done once, however often.
                    Refused once its body has gone: see --tasks of tenant keep
  failures dismiss  marks it as resolved and does nothing else
  templates list    Meta's templates as last synced, and what blocks them
  templates sync    asks for them at Meta within a minute, of one tenant or of all
  templates accept  lets a recategorised one go again; its messages may cost more
  templates begin   gives a tenant templates of its own for the default dunning policy, which name
                    this way to pay, and prints the copies that Meta has to approve
  cleanup           what the next cleanup would close, archive and remove, and what is held back
  alerts list       what Meta told of accounts, numbers and templates and nobody has acknowledged;
                    --all: what is harmless or acknowledged too
  alerts ack        marks one as seen
  audit verify      makes the audit's chains again and compares them with the ends of the last 31 days
                    in the bucket AUDIT_BUCKET, if it is set; fails when anything was changed or waits
                    for its chain longer than 5 minutes
  audit who-saw     whose data a client (by id) or an operator saw or changed; last 30 days
  audit of-person   who saw or changed the data of a person
                    Both, failures show and alerts list leave a row in the audit themselves, under
                    your name here or the one after --as. So do billing ask and every command that
                    changes something, in the audit of the tenant it names (of none: of tenant 0); each takes
                    --as NAME and --purpose CODE
  billing ask       what is true of a debt now: at the tenant's finance system, else as its events told

Variables: AWS_REGION and credentials as for any AWS tool, and outputs of the stack:
  DATABASE_CLUSTER_ARN = DatabaseClusterArn
  DATABASE_NAME        = DatabaseName
  DATA_KEY_ARN         = DataKeyArn
  OWNER_SECRET_ARN     = OwnerSecretArn        for adding: the role that owns the schema
  DATABASE_SECRET_ARN  = FunctionsSecretArn    for watching: the role of the functions
  AUDIT_BUCKET         = AuditBucketName       for audit verify
  LEDGER_BUCKET        = LedgerBucketName      for privacy replay
For the stack on this machine, on its usual ports: npm run -s ops:local -- …`

async function main(argv: readonly string[]): Promise<void> {
  if (argv.includes('--help') || argv.includes('-h')) return console.log(usage)
  const command = readCommand(argv)
  console.log(await command.run(wireOperations(command.role, process.env)))
}

main(process.argv.slice(2)).catch((error: unknown) => {
  const sentence = sentenceFor(error)
  console.error(sentence === undefined ? error : `ops: ${sentence}`)
  process.exit(1)
})
