import { mailConfigurationSet } from '#infra/topology-mail.ts'
import { scopes } from '#shared/contracts/scopes.ts'

/** Where the tokens of the local stack are for. */
export const audience = 'recado'
export const appSecret = 'local-app-secret'
export const verifyToken = 'local-verify-token'

/** What SES sends from, and receives for with all subdomains. */
export const mailDomain = 'recado.test'
export const replyDomain = `in.${mailDomain}`

/** RFC 8058 wants https, which nothing here speaks: the path leads on at the address of the API. */
const unsubscribeUrl = `https://api.${mailDomain}/unsubscribe`

/** Two tenants, so that the walls between them can be tried. */
export const demoTenants = [
  {
    name: 'Escola Aurora',
    clientId: 'escola-aurora',
    clientSecret: 'local-client-secret',
    sender: {
      phoneNumberId: '106540000000001',
      wabaId: '102290000000001',
      displayPhoneNumber: '551140000001',
      secretName: 'escola-aurora',
      accessToken: 'local-access-token-1',
    },
    mail: {
      fromAddress: `escola-aurora@${mailDomain}`,
      fromName: 'Escola Aurora',
      replyDomain: `escola-aurora.${replyDomain}`,
      configurationSet: mailConfigurationSet,
      unsubscribeUrl,
    },
  },
  {
    name: 'Clínica Horizonte',
    clientId: 'clinica-horizonte',
    clientSecret: 'local-client-secret',
    sender: {
      phoneNumberId: '106540000000002',
      wabaId: '102290000000002',
      displayPhoneNumber: '552140000002',
      secretName: 'clinica-horizonte',
      accessToken: 'local-access-token-2',
    },
    mail: {
      fromAddress: `clinica-horizonte@${mailDomain}`,
      fromName: 'Clínica Horizonte',
      replyDomain: `clinica-horizonte.${replyDomain}`,
      configurationSet: mailConfigurationSet,
      unsubscribeUrl,
    },
  },
] as const

export const [demoTenant, otherTenant] = demoTenants

export const issuerClients = demoTenants.map(({ clientId, clientSecret, name }) => ({
  clientId,
  clientSecret,
  scopes,
  tenant: name,
}))
