import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib'
import * as ec2 from 'aws-cdk-lib/aws-ec2'
import type * as kms from 'aws-cdk-lib/aws-kms'
import * as logs from 'aws-cdk-lib/aws-logs'
import * as rds from 'aws-cdk-lib/aws-rds'
import type { ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager'
import { Construct } from 'constructs'

/** Fixed, so that an accidental replacement of the cluster fails instead of starting empty. */
const clusterIdentifier = 'recado'

export interface DatabaseProps {
  readonly ownerSecret: Secret
  readonly storageKey: kms.Key
  readonly maxAcu: number
}

/**
 * Aurora Serverless v2 PostgreSQL in a network without a way in or out: functions stay outside
 * and reach it through the RDS Data API, so there is no NAT, no proxy and no connection pool.
 */
/** How long backups hold what was erased; receipts of erasures name the day. */
export const backupDays = 35

export class Database extends Construct {
  readonly databaseName = 'recado'
  readonly cluster: rds.DatabaseCluster

  constructor(scope: Construct, id: string, props: DatabaseProps) {
    super(scope, id)
    const vpc = this.#network()
    const logGroup = new logs.LogGroup(this, 'PostgresLogs', {
      logGroupName: `/aws/rds/cluster/${clusterIdentifier}/postgresql`,
      retention: logs.RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    })
    this.cluster = this.#aurora(vpc, props)
    // Otherwise RDS makes the group itself, to be kept for ever.
    this.cluster.node.addDependency(logGroup)
    Validations.of(this.cluster).acknowledge({
      id: 'AwsSolutions-RDS6',
      reason: 'The Data API signs in with a secret; nothing else can reach the database.',
    })
  }

  #network(): ec2.Vpc {
    const vpc = new ec2.Vpc(this, 'Network', {
      maxAzs: 2,
      natGateways: 0,
      subnetConfiguration: [{ name: 'database', subnetType: ec2.SubnetType.PRIVATE_ISOLATED }],
    })
    const refused = new logs.LogGroup(this, 'RefusedTraffic', {
      retention: logs.RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    })
    vpc.addFlowLog('RefusedTraffic', {
      destination: ec2.FlowLogDestination.toCloudWatchLogs(refused),
      trafficType: ec2.FlowLogTrafficType.REJECT,
    })
    return vpc
  }

  #aurora(vpc: ec2.Vpc, props: DatabaseProps): rds.DatabaseCluster {
    return new rds.DatabaseCluster(this, 'Cluster', {
      engine: rds.DatabaseClusterEngine.auroraPostgres({
        version: rds.AuroraPostgresEngineVersion.VER_17_9,
      }),
      clusterIdentifier,
      defaultDatabaseName: this.databaseName,
      // `as`: the CDK's own classes miss its interfaces under exactOptionalPropertyTypes.
      credentials: rds.Credentials.fromSecret(props.ownerSecret as ISecret, 'recado_owner'),
      vpc: vpc as ec2.IVpc,
      vpcSubnets: { subnetType: ec2.SubnetType.PRIVATE_ISOLATED },
      writer: rds.ClusterInstance.serverlessV2('Writer', { publiclyAccessible: false }),
      // The relay ticks each minute, so the cluster would never pause: 0 would only add failures.
      serverlessV2MinCapacity: 0.5,
      serverlessV2MaxCapacity: props.maxAcu,
      enableDataApi: true,
      iamAuthentication: false,
      storageEncrypted: true,
      storageEncryptionKey: props.storageKey,
      backup: { retention: Duration.days(backupDays) },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.SNAPSHOT,
      cloudwatchLogsExports: ['postgresql'],
    })
  }
}
