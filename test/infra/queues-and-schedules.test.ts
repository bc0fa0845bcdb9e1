import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { deadLetterConsumer, functions, type QueueName, queues } from '#infra/topology.ts'
import { schedules } from '#infra/topology-schedules.ts'
import type { QueueSpec } from '#infra/topology-shapes.ts'
import {
  at,
  functionNamed,
  type Named,
  ofType,
  pointsTo,
  queueTagged,
  type Resource,
  type Synthesised,
  statementsOf,
  synthesised,
  tagOf,
  theOne,
} from '#test/infra/synthesised.ts'

let stack: Synthesised
beforeAll(async () => {
  stack = await synthesised()
})
afterAll(() => stack.remove())

function mappingOf(queueId: string): Resource {
  const mappings = ofType(stack, 'AWS::Lambda::EventSourceMapping')
  const [, mapping] = theOne(
    mappings.filter(([, { Properties }]) => pointsTo(Properties.EventSourceArn) === queueId),
    `mapping of ${queueId}`,
  )
  return mapping
}

function alarmOn(queueId: string, metric: string): Resource {
  const [, alarm] = theOne(
    ofType(stack, 'AWS::CloudWatch::Alarm').filter(
      ([, { Properties }]) =>
        Properties.MetricName === metric &&
        at(Properties, 'Dimensions.0.Value.Fn::GetAtt.0') === queueId,
    ),
    `${metric} of ${queueId}`,
  )
  return alarm
}

function expectNoPlainHttp([queueId]: Named): void {
  const [, policy] = theOne(
    ofType(stack, 'AWS::SQS::QueuePolicy').filter(
      ([, { Properties }]) => pointsTo(at(Properties, 'Queues.0')) === queueId,
    ),
    `policy of ${queueId}`,
  )
  expect(at(policy.Properties, 'PolicyDocument.Statement.0')).toMatchObject({
    Effect: 'Deny',
    Condition: { Bool: { 'aws:SecureTransport': 'false' } },
  })
}

const isClear = ({ topic, bus }: QueueSpec) => topic !== undefined || bus !== undefined

/** What SNS and EventBridge write is not sealed: a key of its own stands for it. */
function expectEncrypted([, { Properties }]: Named, spec: QueueSpec): void {
  expect(Properties.SqsManagedSseEnabled).toBe(isClear(spec) ? undefined : true)
  expect(pointsTo(Properties.KmsMasterKeyId)?.startsWith('KeysMailKey')).toBe(
    isClear(spec) ? true : undefined,
  )
}

describe.each(Object.keys(queues) as QueueName[])('queue %s', (name) => {
  const spec = queues[name]
  const queue = () => queueTagged(stack, 'recado:queue', name)
  const deadLetters = () => queueTagged(stack, 'recado:dlq', name)

  it('feeds its consumer in batches that may fail in part', () => {
    const mapping = mappingOf(queue()[0]).Properties
    expect(pointsTo(mapping.FunctionName)).toBe(functionNamed(stack, spec.consumer)[0])
    expect(mapping).toMatchObject({
      BatchSize: spec.batchSize,
      MaximumBatchingWindowInSeconds: spec.maxBatchingWindowSeconds,
      ScalingConfig: { MaximumConcurrency: spec.maxConcurrency },
      FunctionResponseTypes: ['ReportBatchItemFailures'],
    })
    // Lambda deletes what a filter does not match.
    expect(mapping).not.toHaveProperty('FilterCriteria')
  })

  it('has its dead letters turned into visible failures', () => {
    const mapping = mappingOf(deadLetters()[0]).Properties
    expect(pointsTo(mapping.FunctionName)).toBe(functionNamed(stack, deadLetterConsumer)[0])
    expect(mapping.FunctionResponseTypes).toEqual(['ReportBatchItemFailures'])
  })

  it('hides a message for six times as long as its consumer may run', () => {
    const least = 6 * functions[spec.consumer].timeoutSeconds + spec.maxBatchingWindowSeconds
    expect(queue()[1].Properties.VisibilityTimeout).toBeGreaterThanOrEqual(least)
  })

  it('moves what nobody can take to a DLQ that keeps it longer', () => {
    const [, { Properties }] = queue()
    const [deadLettersId, kept] = deadLetters()
    expect(pointsTo(at(Properties, 'RedrivePolicy.deadLetterTargetArn'))).toBe(deadLettersId)
    expect(at(Properties, 'RedrivePolicy.maxReceiveCount')).toBe(spec.maxReceiveCount)
    expect(kept.Properties.MessageRetentionPeriod).toBe(14 * 86_400)
    const days = isClear(spec) ? 4 : 7
    expect(Properties.MessageRetentionPeriod).toBe(days * 86_400)
  })

  it('is a standard queue, encrypted, closed to plain HTTP', () => {
    for (const named of [queue(), deadLetters()]) {
      expect(named[1].Properties).not.toHaveProperty('FifoQueue')
      expectEncrypted(named, spec)
      expectNoPlainHttp(named)
    }
  })

  it('says what breaks when something lies in its DLQ or waits too long', () => {
    expect(
      alarmOn(deadLetters()[0], 'ApproximateNumberOfMessagesVisible').Properties,
    ).toMatchObject({ Threshold: 1, AlarmDescription: spec.errorImpact })
    expect(alarmOn(queue()[0], 'ApproximateAgeOfOldestMessage').Properties).toMatchObject({
      AlarmDescription: functions[spec.consumer].errorImpact,
    })
  })
})

describe.each(Object.entries(schedules))('schedule %s', (name, spec) => {
  const schedule = () =>
    theOne(
      ofType(stack, 'AWS::Scheduler::Schedule').filter(
        ([, { Properties }]) => Properties.Name === `recado-${name}`,
      ),
      name,
    )[1].Properties

  it('calls its function by a role that may do only that', () => {
    const functionId = functionNamed(stack, spec.function)[0]
    expect(schedule().ScheduleExpression).toBe(spec.expression)
    expect(pointsTo(at(schedule(), 'Target.Arn'))).toBe(functionId)
    const granted = statementsOf(stack, pointsTo(at(schedule(), 'Target.RoleArn')) ?? '')
    expect(granted.map(({ Action, Resource }) => [Action, pointsTo(Resource)])).toEqual([
      ['lambda:InvokeFunction', functionId],
      ['sqs:SendMessage', queueTagged(stack, 'recado:dlq', name)[0]],
    ])
  })

  it('keeps ticks that reached nobody in a DLQ with an alarm', () => {
    const [deadLettersId] = queueTagged(stack, 'recado:dlq', name)
    expect(pointsTo(at(schedule(), 'Target.DeadLetterConfig.Arn'))).toBe(deadLettersId)
    const alarm = alarmOn(deadLettersId, 'ApproximateNumberOfMessagesVisible')
    expect(alarm.Properties.AlarmDescription).toBe(functions[spec.function].errorImpact)
  })

  it('raises an alarm when its function is not called at all', () => {
    const [functionId] = functionNamed(stack, spec.function)
    const [, alarm] = theOne(
      ofType(stack, 'AWS::CloudWatch::Alarm').filter(
        ([, { Properties }]) =>
          Properties.MetricName === 'Invocations' &&
          pointsTo(at(Properties, 'Dimensions.0.Value')) === functionId,
      ),
      name,
    )
    expect(alarm.Properties).toMatchObject({
      ComparisonOperator: 'LessThanThreshold',
      TreatMissingData: 'breaching',
    })
  })
})

it('has no queue that is neither of the topology nor a DLQ', () => {
  const tags = ofType(stack, 'AWS::SQS::Queue').map(
    ([, queue]) => tagOf(queue, 'recado:queue') ?? tagOf(queue, 'recado:dlq'),
  )
  const expected = [...Object.keys(queues), ...Object.keys(queues), ...Object.keys(schedules)]
  expect(tags.sort()).toEqual(expected.sort())
})

it('has no schedule beside the topology', () => {
  expect(ofType(stack, 'AWS::Scheduler::Schedule')).toHaveLength(Object.keys(schedules).length)
})

describe('the bus of finance systems', () => {
  const ruleOf = () => theOne(ofType(stack, 'AWS::Events::Rule'), 'rule')[1].Properties

  it('has a rule for movements and installments alone, into their queue', () => {
    const rule = ruleOf()
    const [busId] = theOne(
      ofType(stack, 'AWS::Events::EventBus').filter(
        ([, { Properties }]) => Properties.Name === queues.BUSINESS_BUS.bus,
      ),
      'bus',
    )
    expect(pointsTo(rule.EventBusName)).toBe(busId)
    expect(rule.EventPattern).toEqual({
      'detail-type': [{ prefix: 'movement.' }, { prefix: 'installment.' }],
    })
    const [queueId] = queueTagged(stack, 'recado:queue', 'BUSINESS_BUS')
    const [deadLettersId] = queueTagged(stack, 'recado:dlq', 'BUSINESS_BUS')
    expect(pointsTo(at(rule, 'Targets.0.Arn'))).toBe(queueId)
    expect(pointsTo(at(rule, 'Targets.0.DeadLetterConfig.Arn'))).toBe(deadLettersId)
  })

  it('may write into its queue, by its key', () => {
    const policies = JSON.stringify([
      ...ofType(stack, 'AWS::SQS::QueuePolicy'),
      ...ofType(stack, 'AWS::KMS::Key').filter(([id]) => id.startsWith('KeysMailKey')),
    ])
    expect(policies.split('"events.amazonaws.com"').length - 1).toBeGreaterThanOrEqual(3)
  })
})
