// What scripts for arangosh require, and the functions with which they log requests: replies are
// gathered in __logged, assertions that do not hold in __failed; every other request goes unseen.
(function (global) {
  'use strict';
  const {db, arango, ArangoError} = global;
  const {send, must, attempt, query, identifier, Collection} = global.__shell;
  const {graphs: graphData, tables} = global.__examples;
  const silent = () => undefined;
  delete global.__shell;
  global.__logged = [];
  global.__failed = [];

  // ---- users

  const user = (name, ...more) => '/_api/user/' + [name, ...more].map(encodeURIComponent).join('/');
  const users = {
    save: (name, passwd, active, extra) => must('POST', '/_api/user', {user: name, passwd, active, extra}),
    remove: (name) => must('DELETE', user(name)),
    update: (name, passwd, active, extra) => must('PATCH', user(name), {passwd, active, extra}),
    replace: (name, passwd, active, extra) => must('PUT', user(name), {passwd, active, extra}),
    document: (name) => must('GET', user(name)),
    exists: (name) => send('GET', user(name)).code < 400,
    isValid: (username, password) => send('POST', '/_open/auth', {username, password}).code === 200,
    all: () => must('GET', '/_api/user').result,
    toArray: () => users.all(),
    reload: silent,
    permission: (name, where, collection) =>
      must('GET', user(name, 'database', ...[where, collection].filter(Boolean))).result,
    grantDatabase: (name, where, grant) => must('PUT', user(name, 'database', where), {grant: grant || 'rw'}),
    revokeDatabase: (name, where) => must('DELETE', user(name, 'database', where)),
    grantCollection: (name, where, collection, grant) =>
      must('PUT', user(name, 'database', where, collection), {grant: grant || 'rw'}),
    revokeCollection: (name, where, collection) => must('DELETE', user(name, 'database', where, collection)),
  };

  // ---- graphs

  const list = (value) => value === undefined ? [] : Array.isArray(value) ? value : [value];
  class GraphCollection extends Collection {
    constructor(name, path) { super({name}); this._path = path; }
    remove(given, options) {
      return must('DELETE', `${this._path}/${identifier(given).split('/').pop()}` + query(options)).removed;
    }
  }
  const members = (name) => ({
    __name: name,
    _told() { return must('GET', '/_api/gharial/' + name).graph; },
    _at: (part) => `/_api/gharial/${name}/${part}`,
    _addVertexCollection(collection) { return must('POST', this._at('vertex'), {collection}); },
    _removeVertexCollection(collection, dropCollection) {
      return must('DELETE', this._at('vertex/' + collection) + query({dropCollection}));
    },
    _orphanCollections() { return this._told().orphanCollections; },
    _vertexCollections() { return must('GET', this._at('vertex')).collections.map((one) => db[one]); },
    _edgeCollections() { return must('GET', this._at('edge')).collections.map((one) => db[one]); },
    _extendEdgeDefinitions(definition) { return must('POST', this._at('edge'), definition); },
    _editEdgeDefinitions(definition) { return must('PUT', this._at('edge/' + definition.collection), definition); },
    _deleteEdgeDefinition(collection, dropCollections) {
      return must('DELETE', this._at('edge/' + collection) + query({dropCollections}));
    },
    _collection(part) {
      const isEdge = this._told().edgeDefinitions.some(({collection}) => collection === part);
      return new GraphCollection(part, this._at(`${isEdge ? 'edge' : 'vertex'}/${part}`));
    },
  });
  const graphs = {
    _relation: (collection, from, to) => ({collection, from: list(from), to: list(to)}),
    _edgeDefinitions: (...definitions) => definitions,
    _extendEdgeDefinitions: (known, ...more) => known.push(...more),
    _create: (name, edgeDefinitions, orphans, options) => {
      must('POST', '/_api/gharial', {name, edgeDefinitions, orphanCollections: list(orphans), options});
      return graphs._graph(name);
    },
    _graph: (name) => {
      must('GET', '/_api/gharial/' + name);
      const get = (target, part) =>
        part in target || typeof part !== 'string' ? target[part] : target._collection(part);
      return new Proxy(members(name), {get});
    },
    _exists: (name) => send('GET', '/_api/gharial/' + name).code < 400,
    _drop: (name, dropCollections) =>
      must('DELETE', '/_api/gharial/' + name + query({dropCollections: Boolean(dropCollections)})).removed,
    _list: () => graphs._listObjects().map((graph) => graph._key),
    _listObjects: () => must('GET', '/_api/gharial').graphs,
  };

  // ---- example data

  const UNMANAGED = 'UnManaged';
  function fill(collections) {
    for (const [name, documents] of Object.entries(collections)) db[name].save(documents);
  }
  const examples = {
    loadGraph: (name) => {
      if (!(name.replace(UNMANAGED, '') in graphData)) return false;
      const {edgeDefinitions, ...collections} = graphData[name.replace(UNMANAGED, '')];
      graphs._create(name, edgeDefinitions);
      fill(collections);
      return name.endsWith(UNMANAGED) ? graphs._drop(name) : graphs._graph(name);
    },
    dropGraph: (name) => {
      const {edgeDefinitions, ...collections} = graphData[name.replace(UNMANAGED, '')] || {};
      if (name.endsWith(UNMANAGED)) Object.keys(collections).forEach((one) => db._drop(one));
      return attempt(() => graphs._drop(name, true));
    },
  };
  global.__load = (name) => {
    if (name in tables) Object.keys(tables[name]).forEach((collection) => db._create(collection));
    if (name in tables) fill(tables[name]);
    else if (!examples.loadGraph(name)) throw new Error(`unknown data set ${name}`);
  };

  // ---- other modules

  const kept = (path) => ({
    properties: (change) => change ? must('PUT', path + '/properties', change) : must('GET', path + '/properties'),
    current: () => must('GET', path + '/current'),
    slow: () => must('GET', path + '/slow'),
    clearSlow: () => must('DELETE', path + '/slow'),
    kill: (id) => must('DELETE', `${path}/${id}`),
    clear: () => must('DELETE', path),
  });
  const functions = {
    register: (name, code, isDeterministic) =>
      must('POST', '/_api/aqlfunction', {name, code: String(code), isDeterministic}),
    unregister: (name) => must('DELETE', '/_api/aqlfunction/' + name),
    unregisterGroup: (name) => must('DELETE', `/_api/aqlfunction/${name}?group=true`),
    toArray: () => must('GET', '/_api/aqlfunction').result,
  };
  const files = new Map();
  const fs = {
    getTempFile: () => `/tmp/script-${files.size}`,
    getTempPath: () => '/tmp',
    join: (...parts) => parts.join('/'),
    write: (path, text) => { files.set(path, text); return true; },
    writeFileSync: (path, text) => fs.write(path, text),
    read: (path) => files.get(path),
    exists: (path) => files.has(path),
    isFile: (path) => files.has(path),
    remove: (path) => { files.delete(path); },
  };
  const random = (signs) => (length) =>
    Array.from({length}, () => signs[Math.floor(Math.random() * signs.length)]).join('');
  const randoms = {
    genRandomAlphaNumbers: random('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'),
    genRandomNumbers: random('0123456789'),
    rand: () => Math.floor(Math.random() * 2 ** 32),
  };
  const errors = {};
  for (const [name, code] of Object.entries({
    ARANGO_CONFLICT: 1200, ARANGO_DOCUMENT_NOT_FOUND: 1202, ARANGO_DATA_SOURCE_NOT_FOUND: 1203,
    ARANGO_DUPLICATE_NAME: 1207, ARANGO_UNIQUE_CONSTRAINT_VIOLATED: 1210, ARANGO_INDEX_NOT_FOUND: 1212,
    ARANGO_DATABASE_NOT_FOUND: 1228, QUERY_PARSE: 1501, TRANSACTION_NOT_FOUND: 1655,
    USER_DUPLICATE: 1702, USER_NOT_FOUND: 1703, GRAPH_NOT_FOUND: 1924, GRAPH_DUPLICATE: 1925,
  })) errors['ERROR_' + name] = {code, message: name};
  const aql = (parts, ...values) => ({
    query: parts.reduce((text, part, i) =>
      `${text}@${values[i - 1] instanceof Collection ? '@' : ''}value${i - 1}${part}`),
    bindVars: Object.fromEntries(values.map((value, i) =>
      value instanceof Collection ? [`@value${i}`, value.name()] : [`value${i}`, value])),
  });
  const common = {db, arango, ArangoError, errors, print: silent, time: () => Date.now() / 1000};
  const console = {};
  for (const name of ['log', 'info', 'warn', 'error', 'debug', 'time', 'timeEnd']) console[name] = silent;
  const modules = {
    '@arangodb': {...common, aql, query: (...given) => db._query(aql(...given))},
    '@arangodb/users': users,
    '@arangodb/general-graph': graphs,
    '@arangodb/graph-examples/example-graph': examples,
    '@arangodb/aql/queries': kept('/_api/query'),
    '@arangodb/aql/cache': kept('/_api/query-cache'),
    '@arangodb/aql/functions': functions,
    '@arangodb/aql/explainer': {explain: silent},
    '@arangodb/crypto': randoms,
    'internal': {...common, ...randoms, wait: silent, sleep: silent, env: {}, isEnterprise: () => false,
                 wal: {flush: silent, properties: () => ({})}},
    'jsunity': {jsUnity: {assertions: new Proxy({}, {get: () => silent})}},
    fs, console,
  };
  const unknown = (name) => new Proxy({}, {get: (_, part) => {
    throw new Error(`the test's arangosh has no ${String(part)} of module ${name}`);
  }});

  // ---- what a script logs

  function request(method, path, body, headers) {
    const reply = send(method, path, body, {accept: 'application/json', ...headers});
    global.__last = reply;
    return reply;
  }
  const held = (condition, what) => { if (!condition) global.__failed.push(String(what || 'assert')); };
  Object.assign(global, {
    console,
    require: (name) => modules[name.replace(/\.js$/, '')] || unknown(name),
    print: silent,
    assert: held,
    assertTrue: held,
    assertFalse: (condition, what) => held(!condition, what),
    assertEqual: (one, other, what) => held(JSON.stringify(one) === JSON.stringify(other), what),
  });
  for (const name of ['curlRequest', 'logCurlRequest', 'logCurlRequestRaw', 'logCurlRequestPlain', 'logCurlPlainRequest'])
    global[name] = request;
  for (const form of ['Json', 'JsonL', 'Raw', 'Plain', 'Html', 'Error'])
    global[`log${form}Response`] = (reply) => { global.__logged.push(reply); };

  // What others left behind would be in the way.
  global.__clear = () => {
    db._transactions().forEach(({id}) => send('DELETE', '/_api/transaction/' + id));
    graphs._list().forEach((name) => graphs._drop(name));
    db._collections().filter((one) => one.name()[0] !== '_').forEach((one) => one.drop());
    db._databases().filter((name) => name !== '_system').forEach(db._dropDatabase);
    users.all().filter((one) => one.user !== 'root').forEach((one) => users.remove(one.user));
  };
})(globalThis);
