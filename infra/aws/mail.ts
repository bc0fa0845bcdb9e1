import { Aws } from 'aws-cdk-lib'
import type * as kms from 'aws-cdk-lib/aws-kms'
import type * as s3 from 'aws-cdk-lib/aws-s3'
import * as ses from 'aws-cdk-lib/aws-ses'
import { Construct } from 'constructs'
import { letSesUse, mailTopic } from '#infra/aws/mail-topic.ts'
import type { WorkQueue } from '#infra/aws/queues.ts'
import { receiveMail } from '#infra/aws/receiving.ts'
import type { MailSettings } from '#infra/aws/settings.ts'
import { mailConfigurationSet } from '#infra/topology-mail.ts'

export interface MailProps {
  readonly settings: MailSettings
  readonly mailKey: kms.Key
  readonly queues: { readonly EMAIL_EVENT: WorkQueue; readonly INBOUND_MAIL: WorkQueue }
}

/** Output of the stack → record. */
type DnsRecords = Readonly<Record<string, string>>

/** The domain that mails leave from, what becomes of them, and the mails that people write. */
export class Mail extends Construct {
  /** Where SES puts mails; undefined where none are received. */
  readonly inbox: s3.Bucket | undefined
  /** What the owner of the domains has to publish. */
  readonly dnsRecords: DnsRecords

  constructor(scope: Construct, id: string, props: MailProps) {
    super(scope, id)
    const { settings, mailKey } = props
    letSesUse(mailKey)
    const configurationSet = this.#configurationSet(settings)
    this.#publishEvents(configurationSet, props)
    const sending = this.#sendingDomain(settings.mailDomain, configurationSet)
    const { replyDomain } = settings
    if (!settings.inboundMail || replyDomain === undefined) {
      this.dnsRecords = sending
      return
    }
    const receiving = this.#replyDomain(replyDomain, settings.mailDomain)
    this.inbox = receiveMail(this, { replyDomain, mailKey, work: props.queues.INBOUND_MAIL })
    this.dnsRecords = { ...sending, ...receiving }
  }

  #configurationSet({ mailTls }: MailSettings): ses.ConfigurationSet {
    const { OPTIONAL, REQUIRE } = ses.ConfigurationSetTlsPolicy
    return new ses.ConfigurationSet(this, 'ConfigurationSet', {
      configurationSetName: mailConfigurationSet,
      reputationMetrics: true,
      suppressionReasons: ses.SuppressionReasons.BOUNCES_AND_COMPLAINTS,
      tlsPolicy: mailTls === 'required' ? REQUIRE : OPTIONAL,
    })
  }

  #publishEvents(
    configurationSet: ses.ConfigurationSet,
    { settings, mailKey, queues }: MailProps,
  ): void {
    const topic = mailTopic(this, { mailKey, work: queues.EMAIL_EVENT })
    configurationSet.addEventDestination('Events', {
      destination: ses.EventDestination.snsTopic(topic),
      events: Object.values(ses.EmailSendingEvent).filter(
        (kind) => settings.mailTracking || !trackingEvents.has(kind),
      ),
    })
  }

  #sendingDomain(domain: string, configurationSet: ses.ConfigurationSet): DnsRecords {
    const mailFromDomain = `bounce.${domain}`
    const identity = this.#identity('Domain', {
      identity: ses.Identity.domain(domain),
      configurationSet,
      // Bounces come as events; SES would mail them to the sender besides.
      feedbackForwarding: false,
      mailFromDomain,
      mailFromBehaviorOnMxFailure: ses.MailFromBehaviorOnMxFailure.USE_DEFAULT_VALUE,
    })
    return numbered('MailDomainDns', [
      ...dkimRecords(identity),
      `${mailFromDomain} MX 10 feedback-smtp.${Aws.REGION}.amazonses.com`,
      `${mailFromDomain} TXT "v=spf1 include:amazonses.com ~all"`,
      `_dmarc.${domain} TXT "v=DMARC1; p=none"`,
    ])
  }

  #replyDomain(domain: string, mailDomain: string): DnsRecords {
    const server = `MX 10 inbound-smtp.${Aws.REGION}.amazonaws.com`
    // SES receives for every subdomain of a domain that it knows.
    const isKnown = domain.endsWith(`.${mailDomain}`)
    const proof = isKnown
      ? []
      : dkimRecords(this.#identity('ReplyDomain', { identity: ses.Identity.domain(domain) }))
    // A tenant may have a subdomain of its own for the answers to its mails.
    const servers = [`${domain} ${server}`, `*.${domain} ${server}`]
    return numbered('MailReplyDomainDns', [...servers, ...proof])
  }

  #identity(id: string, props: ses.EmailIdentityProps): ses.EmailIdentity {
    const dkimIdentity = ses.DkimIdentity.easyDkim(ses.EasyDkimSigningKeyLength.RSA_2048_BIT)
    return new ses.EmailIdentity(this, id, { ...props, dkimIdentity })
  }
}

const dkimRecords = ({ dkimRecords: records }: ses.EmailIdentity) =>
  records.map(({ name, value }) => `${name} CNAME ${value}`)

const numbered = (output: string, records: readonly string[]): DnsRecords =>
  Object.fromEntries(records.map((record, at) => [`${output}${at + 1}`, record]))

/** Asking for them makes SES put a pixel into mails and rewrite their links. */
const trackingEvents: ReadonlySet<ses.EmailSendingEvent> = new Set([
  ses.EmailSendingEvent.OPEN,
  ses.EmailSendingEvent.CLICK,
])
