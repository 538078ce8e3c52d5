/** The arrows of the architecture: an import that goes against one fails the lint step. */
const only = (from, allowed, comment, extra = {}) => ({
  name: `${from}-imports`,
  comment,
  severity: 'error',
  from: { path: `^${from}/`, ...extra.from },
  to: {
    path: '^(domain|storage|workflows|activities|workers|client|infra|test|bench)/',
    pathNot: `^(${[from, ...allowed].join('|')})/`,
    ...extra.to,
  },
});

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'A cycle hides which part depends on which.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    only('domain', [], 'The domain is pure and imports nobody.'),
    {
      name: 'domain-no-node',
      comment: 'The domain runs inside the workflow sandbox, which has no Node modules.',
      severity: 'error',
      from: { path: '^domain/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'zod-stays-out-of-workflows',
      comment: 'A schema imported as a value doubles the workflow bundle; only these files may hold zod.',
      severity: 'error',
      from: { path: '^(domain|workflows)/', pathNot: '(events|definition|schema)\\.ts$' },
      to: { path: 'node_modules/zod' },
    },
    only('storage', ['domain'], 'Storage knows the domain and nothing above it.'),
    only('activities', ['domain', 'storage'], 'Activities reach the world through storage.'),
    {
      name: 'workflows-imports',
      comment: 'Workflows are deterministic: they use the domain, and activities as types only.',
      severity: 'error',
      from: { path: '^workflows/' },
      to: { path: '^(storage|workers|client|infra|test|bench)/' },
    },
    {
      name: 'workflows-activities-types-only',
      comment: 'A value import would drag Node modules into the workflow bundle.',
      severity: 'error',
      from: { path: '^workflows/' },
      to: { path: '^activities/', dependencyTypesNot: ['type-only'] },
    },
    only(
      'workers',
      ['domain', 'storage', 'workflows', 'activities'],
      'Workers assemble; clients and infrastructure are not their business.',
    ),
    only('client', ['domain', 'storage', 'workflows'], 'Clients start and ask; they do not run activities.'),
    {
      name: 'client-workflow-types-only',
      comment: 'A client names workflows by contract and never loads the sandboxed code.',
      severity: 'error',
      from: { path: '^client/' },
      to: { path: '^workflows/', dependencyTypesNot: ['type-only'], pathNot: '^workflows/contract/' },
    },
    only('infra', [], 'Infrastructure runs processes; it imports nobody.'),
    {
      name: 'nobody-imports-infra',
      comment: 'How it runs is not what it is. The CLI starts the local stack as a process.',
      severity: 'error',
      from: { path: '^(domain|storage|workflows|activities|workers|client)/' },
      to: { path: '^infra/' },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default'],
    },
  },
};
