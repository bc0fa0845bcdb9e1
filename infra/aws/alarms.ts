import { Aws, Duration } from 'aws-cdk-lib'
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import * as iam from 'aws-cdk-lib/aws-iam'
import type * as kms from 'aws-cdk-lib/aws-kms'
import type * as lambda from 'aws-cdk-lib/aws-lambda'
import * as sns from 'aws-cdk-lib/aws-sns'
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions'
import type * as sqs from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'
import type { Api } from '#infra/aws/api.ts'
import type { Functions } from '#infra/aws/functions.ts'
import type { WorkQueue } from '#infra/aws/queues.ts'
import type { Schedules } from '#infra/aws/schedules.ts'
import { type FunctionName, functions } from '#infra/topology.ts'
import { productAlarms, reputationAlarms } from '#infra/topology-alarms.ts'
import { schedules } from '#infra/topology-schedules.ts'

export interface AlarmsProps {
  readonly storageKey: kms.Key
  readonly email: string | undefined
}

interface AlarmSpec {
  readonly metric: cloudwatch.IMetric
  readonly threshold: number
  /** What people notice; no alarm without this sentence. */
  readonly impact: string
  /** A clock that says nothing is as bad as one that fails. */
  readonly alarmsOn?: 'too-much' | 'too-little'
}

/** Longer than the longest delay of a wake-up (900 s), which may count as age. */
const oldestMessageSeconds = 1200

const fiveMinutes = Duration.minutes(5)
const oneMinute = Duration.minutes(1)

/** Alarms that say what breaks, and the topic that carries them. */
export class Alarms extends Construct {
  readonly topic: sns.Topic
  readonly all: cloudwatch.Alarm[] = []
  readonly #action: SnsAction

  constructor(scope: Construct, id: string, { storageKey, email }: AlarmsProps) {
    super(scope, id)
    this.topic = new sns.Topic(this, 'Topic', {
      displayName: 'Recado alarms',
      masterKey: storageKey,
      enforceSSL: true,
    })
    if (email) this.topic.addSubscription(new EmailSubscription(email))
    this.#letCloudWatchPublish(storageKey)
    this.#action = new SnsAction(this.topic)
  }

  watchQueue({ name, spec, queue, deadLetters }: WorkQueue): void {
    this.watchDeadLetters(name, deadLetters, spec.errorImpact)
    this.#add(`${name}-age`, {
      metric: queue.metricApproximateAgeOfOldestMessage({ period: oneMinute }),
      threshold: oldestMessageSeconds,
      impact: functions[spec.consumer].errorImpact,
    })
  }

  watchDeadLetters(name: string, queue: sqs.Queue, impact: string): void {
    this.#add(`${name}-dead-letters`, {
      metric: queue.metricApproximateNumberOfMessagesVisible({ period: oneMinute }),
      threshold: 1,
      impact,
    })
  }

  watchFunctions({ byName }: Functions): void {
    for (const [name, watched] of Object.entries(byName) as [FunctionName, lambda.Function][]) {
      this.#add(`${name}-errors`, {
        metric: watched.metricErrors({ period: fiveMinutes }),
        threshold: 1,
        impact: functions[name].errorImpact,
      })
    }
  }

  watchSchedules({ byName }: Functions, { deadLetters }: Schedules): void {
    for (const [name, spec] of Object.entries(schedules)) {
      const impact = functions[spec.function].errorImpact
      const queue = deadLetters.get(name)
      if (queue) this.watchDeadLetters(name, queue, impact)
      this.#add(`${name}-silent`, {
        metric: byName[spec.function].metricInvocations({
          period: Duration.minutes(spec.silentAfterMinutes),
        }),
        threshold: 1,
        impact,
        alarmsOn: 'too-little',
      })
    }
  }

  watchApi({ api }: Api): void {
    this.#add('api-server-errors', {
      metric: api.metricServerError({ period: fiveMinutes, statistic: 'Sum' }),
      threshold: 1,
      impact: 'programs or providers get 5xx answers; they should try again',
    })
  }

  /** Metrics that the functions write themselves. */
  watchProduct(): void {
    for (const [metricName, impact] of Object.entries(productAlarms)) {
      this.#add(metricName, {
        metric: new cloudwatch.Metric({
          namespace: 'Recado',
          metricName,
          dimensionsMap: { service: 'recado' },
          period: fiveMinutes,
          statistic: 'Sum',
        }),
        threshold: 1,
        impact,
      })
    }
  }

  /** SES counts for the account, whoever sends through it. */
  watchReputation(): void {
    for (const [rate, { share, impact }] of Object.entries(reputationAlarms)) {
      this.#add(`Mail${rate}`, {
        metric: new cloudwatch.Metric({
          namespace: 'AWS/SES',
          metricName: `Reputation.${rate}`,
          period: Duration.hours(1),
          statistic: 'Average',
        }),
        threshold: share,
        impact,
      })
    }
  }

  #add(name: string, { metric, threshold, impact, alarmsOn }: AlarmSpec): void {
    const tooLittle = alarmsOn === 'too-little'
    const alarm = new cloudwatch.Alarm(this, name, {
      alarmName: `recado-${name}`,
      alarmDescription: impact,
      metric,
      threshold,
      evaluationPeriods: 1,
      comparisonOperator: tooLittle
        ? cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD
        : cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: tooLittle
        ? cloudwatch.TreatMissingData.BREACHING
        : cloudwatch.TreatMissingData.NOT_BREACHING,
    })
    alarm.addAlarmAction(this.#action)
    alarm.addOkAction(this.#action)
    this.all.push(alarm)
  }

  /** A topic policy of one's own replaces the default one, by which alarms may publish. */
  #letCloudWatchPublish(key: kms.Key): void {
    const cloudWatch = new iam.ServicePrincipal('cloudwatch.amazonaws.com')
    const conditions = { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } }
    this.topic.addToResourcePolicy(
      new iam.PolicyStatement({
        actions: ['sns:Publish'],
        principals: [cloudWatch],
        resources: [this.topic.topicArn],
        conditions,
      }),
    )
    key.addToResourcePolicy(
      new iam.PolicyStatement({
        actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        principals: [cloudWatch],
        resources: ['*'],
        conditions,
      }),
    )
  }
}
