// Documents, Sites and results of verify to report on.

/** A cluster of worker groups: name -> {pods, cpus, params}. */
export function cluster(name, groups, more = {}) {
  const container = (role, cpus) => ({
    name: `ray-${role}`,
    image: 'rayproject/ray@sha256:' + '0123456789abcdef'.repeat(4),
    resources: {limits: {cpu: String(cpus), memory: '16Gi'}},
  });
  return {
    apiVersion: 'ray.io/v1',
    kind: 'RayCluster',
    metadata: {name},
    spec: {
      rayVersion: '2.60.0',
      headGroupSpec: {rayStartParams: {'num-cpus': '0'}, template: {spec: {containers: [container('head', 4)]}}},
      workerGroupSpecs: Object.entries(groups).map(([groupName, {pods, cpus, params}]) => ({
        groupName,
        replicas: pods,
        maxReplicas: pods + 2,
        rayStartParams: params ?? {},
        template: {spec: {containers: [container('worker', cpus)]}},
      })),
      ...more,
    },
  };
}

/** `count` groups, all alike but for their CPUs, which make two kinds of worker ports. */
export function many(name, count) {
  const groups = {};
  for (let i = 0; i < count; ++i) {
    groups[`group-${String(i).padStart(2, '0')}`] = {pods: (i % 5) + 1, cpus: [4, 16][i % 2]};
  }
  return cluster(name, groups);
}

export const small = cluster('demo', {
  cpu: {pods: 3, cpus: 4},
  gpu: {pods: 1, cpus: 4, params: {'object-manager-port': '9076'}},
});

export const twentyNames = ('prep embed rank train-a train-b eval serve-eu serve-us etl index cache features score risk fraud ' +
                            'night backfill shadow canary spare').split(' ');
export const twenty = cluster('risk-models', Object.fromEntries(
    twentyNames.map((name, i) => [name, {pods: (i % 4) + 1, cpus: [4, 4, 16, 64][i % 4]}])));

export function site(more = {}) {
  return {
    apiVersion: 'raykeep.io/v1',
    kind: 'Site',
    metadata: {name: 'bank'},
    spec: {
      tls: {mode: 'none'},
      images: {registry: 'registry.bank.example/mirror', pullSecrets: ['bank-registry']},
      pods: {serviceAccountName: 'workload'},
      redis: {managed: {}},
      peers: {
        monitoring: [{name: 'prometheus', namespace: 'monitoring', podLabels: {app: 'prometheus'}}],
        ingress: [{name: 'gateway', namespace: 'ingress'}],
        submitters: [{name: 'ci', podLabels: {app: 'ci'}}, {name: 'admins', cidr: '10.9.0.0/24'}],
        clients: [{name: 'notebooks', namespaceLabels: {team: 'science'}}],
      },
      egress: [
        {
          name: 'models',
          reason: 'model weights are read from the object store',
          to: [{cidr: '10.20.0.0/16', except: ['10.20.1.0/24']}],
          ports: [443],
        },
        {name: 'features', reason: 'features are looked up', to: [{cidr: '10.30.4.0/24'}], ports: [5432, 9042]},
      ],
      ...more,
    },
  };
}

/** What verify says of every flow of a report; `failing` ids are not good, `untested` were not tried. */
export function verified(report, {failing = [], untested = []} = {}) {
  const flows = report.flows.flatMap((row) => row.flows.map((flow) => ({row, flow})));
  return {
    apiVersion: 'raykeep.io/v1',
    kind: 'VerifyResult',
    cluster: report.cluster.name,
    namespace: report.cluster.namespace,
    at: '2026-11-27T07:00:00Z',
    program: report.program,
    good: failing.length === 0,
    seconds: 12.3,
    flows: flows.map(({row, flow}) => ({
      id: flow.id,
      ports: row.ports,
      protocol: row.protocol,
      result: untested.includes(flow.id) ? 'untested' : failing.includes(flow.id) ? 'dropped' : 'open',
      good: !failing.includes(flow.id) && !untested.includes(flow.id),
      how: `connected from a pod to 10.244.1.5:${row.ports}`,
      note: '',
    })),
    pairs: [
      {from: 'stranger', to: 'head', tried: 14, blocked: 14, good: true, note: ''},
      {from: 'stranger', to: 'workers', tried: 9, blocked: 9, good: true, note: ''},
    ],
    findings: failing.length === 0 ? [] : [
      {code: 'RK6001', severity: 'error', object: 'NetworkPolicy demo-head', what: 'drops a flow', remedy: 'look at it'},
    ],
  };
}
