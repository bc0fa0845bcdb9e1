import { Duration } from 'aws-cdk-lib'
import { Trigger } from 'aws-cdk-lib/triggers'
import type { Construct } from 'constructs'
import type { Database } from '#infra/aws/database.ts'
import type { Functions } from '#infra/aws/functions.ts'
import type { KeysAndSecrets } from '#infra/aws/keys-and-secrets.ts'
import { functions } from '#infra/topology.ts'

export interface MigrationProps {
  readonly database: Database
  readonly functions: Functions
  readonly keys: KeysAndSecrets
}

/**
 * Runs the `migrate` function whenever its bundle (code or SQL) changes: after the database
 * stands, before any other function gets its new code. When it throws, the deployment fails with
 * its message as the reason and the other functions keep their old code.
 */
export function runMigrations(scope: Construct, props: MigrationProps): void {
  const { migrate, ...others } = props.functions.byName
  new Trigger(scope, 'Migrations', {
    handler: migrate,
    // Longer than the function may take: an SDK that gives up first would start it a second time.
    timeout: Duration.seconds(functions.migrate.timeoutSeconds + 30),
    executeAfter: [props.database, props.keys],
    executeBefore: Object.values(others),
  })
}
