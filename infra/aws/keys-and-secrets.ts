import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib'
import * as kms from 'aws-cdk-lib/aws-kms'
import * as rds from 'aws-cdk-lib/aws-rds'
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager'
import { Construct } from 'constructs'

/**
 * Stays when the stack goes: without these keys and passwords a restored backup cannot be read.
 * (Only a first deployment that fails takes them along, so that it can be tried again.)
 */
export const keepForRestores = RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE

/** Keys and secrets. No value of a secret is ever in the template. */
export class KeysAndSecrets extends Construct {
  /** Wraps the data keys of tenants and the transit keys of queue bodies. */
  readonly dataKey: kms.Key
  /** Encrypts what AWS stores for us: database, chunks, alarm topic. */
  readonly storageKey: kms.Key
  /** Encrypts what SES and EventBridge write and nobody seals: topics, queues, mails that came in. */
  readonly mailKey: kms.Key
  /** Role that owns the schema; only the migration and operators who add tenants use it. */
  readonly ownerSecret: secretsmanager.Secret
  /** Role of every other function. */
  readonly functionsSecret: secretsmanager.Secret
  readonly metaSecret: secretsmanager.Secret

  constructor(scope: Construct, id: string) {
    super(scope, id)
    this.dataKey = this.#key('DataKey', 'data', 'wraps the data keys of tenants')
    this.storageKey = this.#key('StorageKey', 'storage', 'encrypts database, chunks and alarms')
    this.mailKey = this.#key('MailKey', 'mail', 'encrypts what SES hands over')
    this.ownerSecret = this.#databaseSecret('OwnerSecret', 'owner')
    this.functionsSecret = this.#databaseSecret('FunctionsSecret', 'functions')
    this.metaSecret = this.#metaSecret()
  }

  #key(id: string, name: string, purpose: string): kms.Key {
    return new kms.Key(this, id, {
      alias: `recado-${name}`,
      description: `Recado: ${purpose}`,
      enableKeyRotation: true,
      pendingWindow: Duration.days(30),
      removalPolicy: keepForRestores,
    })
  }

  #databaseSecret(id: string, role: 'owner' | 'functions'): secretsmanager.Secret {
    const secret = new rds.DatabaseSecret(this, id, {
      username: `recado_${role}`,
      secretName: `recado/${role}`,
    })
    secret.applyRemovalPolicy(keepForRestores)
    Validations.of(secret).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason:
        'The password opens nothing without IAM rights on the Data API and the database has no ' +
        'route from outside; docs/deploy.md says how to change it.',
    })
    return secret
  }

  /**
   * Born with empty lists, which refuse every webhook, and filled by hand.
   * Trap: changing `generateSecretString` replaces what was filled in.
   */
  #metaSecret(): secretsmanager.Secret {
    const secret = new secretsmanager.Secret(this, 'MetaSecret', {
      secretName: 'recado/meta',
      description: 'Meta app secrets and verify tokens; several of each may live at once',
      generateSecretString: {
        secretStringTemplate: JSON.stringify({ appSecrets: [], verifyTokens: [] }),
        generateStringKey: 'unused',
      },
      removalPolicy: keepForRestores,
    })
    Validations.of(secret).acknowledge({
      id: 'AwsSolutions-SMG4',
      reason: "The value is Meta's: it is rotated on Meta's page and then added here.",
    })
    return secret
  }
}
