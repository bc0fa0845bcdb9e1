/** A company whose rows are apart from all others. */
export interface Tenant {
  readonly tenantId: string
  readonly timeZone: string
  readonly wrappedIndexKey: Uint8Array
  /** Newest epoch first. Nothing is sealed under an epoch before its time: not all know it yet. */
  readonly dataKeys: readonly {
    readonly epoch: number
    readonly wrapped: Uint8Array
    /** Milliseconds since 1970; undefined: at once. */
    readonly sealsFrom?: number
  }[]
  /** Told to a person who opts out; empty: nothing is told, undefined: the text of the product. */
  readonly optOutConfirmation?: string
  /** A program of the tenant is called by webhook when something happens. */
  readonly hasSubscriptions?: boolean
}

/** A program of a tenant. */
export interface Client {
  readonly clientId: string
  readonly tenantId: string
}

/** Our own WhatsApp number. */
export interface WhatsAppSender {
  readonly senderId: string
  readonly tenantId: string
  readonly phoneNumberId: string
  readonly wabaId: string
}

/** A mail identity of ours. */
export interface MailSender {
  readonly senderId: string
  readonly tenantId: string
  readonly fromAddress: string
  /** Mail to any address of it is for this sender's tenant. */
  readonly replyDomain?: string
}

/** Whose mail an address is. */
export interface MailDirectory {
  /** The tenant's mail identities, the default one first. */
  mailSenders(tenantId: string): Promise<readonly MailSender[]>
  /** Those that an address belongs to: by the address itself, else by its domain. */
  mailSendersAt(address: string): Promise<readonly MailSender[]>
}

/** Where a tenant's finance system is asked. */
export interface BillingSettings {
  readonly baseUrl: string
  /** Of the secret that holds its bearer token. */
  readonly secretName: string
  readonly timeoutMs: number
}

/** What is known of the tenants' finance systems. */
export interface BillingDirectory {
  /** Undefined: what the tenant's events told is all that is known. */
  billingService(tenantId: string): Promise<BillingSettings | undefined>
  /** The tenant whose events have this source on the bus. */
  tenantOfSource(source: string): Promise<string | undefined>
}

/** What manages our WhatsApp business accounts. */
export interface AccountSecrets {
  /** Names of the secrets of the account's senders, each once, the default sender's first. */
  accountSecrets(tenantId: string, wabaId: string): Promise<readonly string[]>
}

/**
 * Tenants, clients and senders: few and rarely changed, so a warm function keeps them for
 * 5 minutes. A miss loads again, since what was just added must be found.
 */
export interface Directory {
  tenant(tenantId: string): Promise<Tenant | undefined>
  client(issuer: string, oidcClientId: string): Promise<Client | undefined>
  whatsAppSender(phoneNumberId: string): Promise<WhatsAppSender | undefined>
  /** The tenants that have a number in this WhatsApp business account. */
  whatsAppAccountTenants(wabaId: string): Promise<readonly string[]>
}
