// As much of arangosh as short scripts use, over __http(method, path, body, headers).
// Everything that a script logs is in __logged; every other request goes unseen.
(function (global) {
  'use strict';
  const http = global.__http;
  const {graphs: graphData, tables} = global.__examples;
  global.__logged = [];
  let database = '_system';

  // ---- requests

  function send(method, path, body, headers) {
    const given = body === undefined || body === null ? ''
      : typeof body === 'string' ? body : JSON.stringify(body);
    const at = path.startsWith('/_db/') ? path : `/_db/${database}${path}`;
    return JSON.parse(http(method, at, given, JSON.stringify(headers || {})));
  }
  function must(method, path, body, headers) {
    const reply = send(method, path, body, headers);
    if (reply.code >= 400) {
      const told = reply.parsedBody || {};
      throw Object.assign(new ArangoError(told.errorMessage || reply.body), told);
    }
    return reply.parsedBody;
  }
  class ArangoError extends Error {}
  const attempt = (work) => { try { return work(); } catch (error) { return undefined; } };
  const query = (parts) => {
    const pairs = Object.entries(parts || {}).filter(([, value]) => value !== undefined);
    return pairs.length ? '?' + pairs.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&') : '';
  };
  const arango = {};
  for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD']) {
    const bodiless = method === 'GET' || method === 'HEAD';
    const raw = (path, body, headers) => bodiless ? send(method, path, '', body) : send(method, path, body, headers);
    arango[method + '_RAW'] = raw;
    arango[method] = (...given) => raw(...given).parsedBody;
  }

  // ---- queries

  class Cursor {
    constructor(body) {
      this._first = must('POST', '/_api/cursor', body);
      this._rows = null;
      this._at = 0;
    }
    toArray() {
      if (this._rows) return this._rows;
      let batch = this._first;
      this._rows = batch.result.slice();
      while (batch.hasMore) {
        batch = must('POST', '/_api/cursor/' + this._first.id);
        this._rows.push(...batch.result);
      }
      return this._rows;
    }
    hasNext() { return this._at < this.toArray().length; }
    next() { return this.toArray()[this._at++]; }
    count() { return this._first.count; }
    getExtra() { return this._first.extra; }
    dispose() {}
  }
  function run(text, bindVars, options, more) {
    const {query: given, ...rest} = typeof text === 'object' ? text : {query: text, bindVars};
    return new Cursor({query: String(given), ...rest, options: options || undefined, ...more});
  }
  const simple = (name, body) => ({
    toArray: () => must('PUT', '/_api/simple/' + name, body).result,
    next() { return this.toArray()[0]; },
    limit: (limit) => simple(name, {...body, limit}),
    skip: (skip) => simple(name, {...body, skip}),
  });

  // ---- collections

  const handle = (collection, given) => {
    const id = typeof given === 'object' ? given._id || given._key : given;
    return '/_api/document/' + (id.includes('/') ? id : `${collection}/${id}`);
  };
  class Collection {
    constructor(told) { this._name = told.name; this._id = told.id; this._type = told.type; }
    name() { return this._name; }
    type() { return this._told('').type; }
    _at(part) { return `/_api/collection/${this._name}${part}`; }
    _told(part, method, body) { return must(method || 'GET', this._at(part), body); }
    save(...given) {
      const edge = typeof given[0] === 'string';
      const document = edge ? {...given[2], _from: given[0], _to: given[1]} : given[0];
      return must('POST', '/_api/document/' + this._name + query(given[edge ? 3 : 1]), document);
    }
    insert(...given) { return this.save(...given); }
    document(given) {
      return Array.isArray(given)
        ? must('PUT', `/_api/document/${this._name}?onlyget=true`, given)
        : must('GET', handle(this._name, given));
    }
    exists(given) {
      return send('HEAD', handle(this._name, given)).code < 400 ? this.document(given) : false;
    }
    _change(method, given, body, options) {
      const at = Array.isArray(given) ? '/_api/document/' + this._name : handle(this._name, given);
      return must(method, at + query(options), Array.isArray(given) && method === 'DELETE' ? given : body);
    }
    update(given, body, options) { return this._change('PATCH', given, body, options); }
    replace(given, body, options) { return this._change('PUT', given, body, options); }
    remove(given, options) { return this._change('DELETE', given, undefined, options); }
    all() { return simple('all', {collection: this._name}); }
    toArray() { return this.all().toArray(); }
    any() { return this.toArray()[0]; }
    byExample(example) { return simple('by-example', {collection: this._name, example}); }
    firstExample(example) { return this.byExample(example).toArray()[0] || null; }
    removeByExample(example) {
      return must('PUT', '/_api/simple/remove-by-example', {collection: this._name, example}).deleted;
    }
    count() { return this._told('/count').count; }
    figures() { return this._told('/figures').figures; }
    revision() { return this._told('/revision').revision; }
    checksum() { return this._told('/checksum'); }
    properties(change) {
      return change ? this._told('/properties', 'PUT', change) : this._told('/properties');
    }
    truncate() { return this._told('/truncate', 'PUT'); }
    load() { return this._told('/load', 'PUT'); }
    unload() { return this._told('/unload', 'PUT'); }
    rename(name) { this._told('/rename', 'PUT', {name}); this._name = name; }
    drop(options) { return must('DELETE', this._at('') + query(options)); }
    ensureIndex(spec) { return must('POST', '/_api/index?collection=' + this._name, spec); }
    ensureGeoIndex(...fields) { return attempt(() => this.ensureIndex({type: 'geo', fields})); }
    getIndexes() { return must('GET', '/_api/index?collection=' + this._name).indexes; }
    indexes() { return this.getIndexes(); }
    index(id) { return must('GET', '/_api/index/' + (id.id || id)); }
    dropIndex(id) { return send('DELETE', '/_api/index/' + (id.id || id)).code < 400; }
    edges(vertex, direction) {
      return must('GET', `/_api/edges/${this._name}` + query({vertex: vertex._id || vertex, direction})).edges;
    }
    inEdges(vertex) { return this.edges(vertex, 'in'); }
    outEdges(vertex) { return this.edges(vertex, 'out'); }
  }

  // ---- db

  const create = (name, options, type) =>
    new Collection(must('POST', '/_api/collection', Object.assign(type ? {type} : {}, options, {name})));
  const named = (id) => new Collection({name: String(id).split('/')[0]});
  const own = {
    _create: (name, options, type) => create(name, options, type === 'edge' ? 3 : 0),
    _createDocumentCollection: (name, options) => create(name, options),
    _createEdgeCollection: (name, options) => create(name, options, 3),
    _drop: (name, options) => attempt(() => must('DELETE', '/_api/collection/' + (name._name || name) + query(options))),
    _truncate: (name) => named(name).truncate(),
    _collection: (name) => attempt(() => new Collection(must('GET', '/_api/collection/' + name))) || null,
    _collections: () => must('GET', '/_api/collection').result.map((told) => new Collection(told)),
    _name: () => database,
    _isSystem: () => database === '_system',
    _databases: () => must('GET', '/_db/_system/_api/database').result,
    _createDatabase: (name, options, users) => must('POST', '/_db/_system/_api/database', {name, options, users}).result,
    _dropDatabase: (name) => must('DELETE', '/_db/_system/_api/database/' + name).result,
    _useDatabase: (name) => { database = name; return true; },
    _version: () => must('GET', '/_api/version').version,
    _document: (id) => named(id).document(id),
    _exists: (id) => named(id).exists(id),
    _update: (id, body, options) => named(id).update(id, body, options),
    _replace: (id, body, options) => named(id).replace(id, body, options),
    _remove: (id, options) => named(id).remove(id, options),
    _index: (id) => named(id).index(id),
    _dropIndex: (id) => named(id.id || id).dropIndex(id),
    _query: run,
    _profileQuery: (text, binds, options) => run(text, binds, {profile: 2, ...options}),
    _parse: (text) => must('POST', '/_api/query', {query: text}),
    _explain: () => undefined,
    _createStatement: (given) => ({
      _body: typeof given === 'string' ? {query: given} : {...given},
      bind(name, value) {
        const more = typeof name === 'object' ? name : {[name]: value};
        this._body.bindVars = {...this._body.bindVars, ...more};
      },
      execute() { return new Cursor(this._body); },
      explain(options) { return must('POST', '/_api/explain', {...this._body, options}); },
      parse() { return own._parse(this._body.query); },
    }),
    _executeTransaction: (body) => must('POST', '/_api/transaction',
      {...body, action: String(body.action)}).result,
    _createTransaction: (body) => {
      const id = must('POST', '/_api/transaction/begin', body).result.id;
      const headers = {'x-arango-trx-id': id};
      return {
        id: () => id,
        abort: () => send('DELETE', '/_api/transaction/' + id).parsedBody,
        commit: () => send('PUT', '/_api/transaction/' + id).parsedBody,
        query: (text, bindVars) => must('POST', '/_api/cursor', {query: text, bindVars}, headers),
        collection: (name) => ({
          insert: (body) => must('POST', '/_api/document/' + name, body, headers),
          save: (body) => must('POST', '/_api/document/' + name, body, headers),
        }),
      };
    },
    _createView: (name, type, options) => must('POST', '/_api/view', {...options, name, type}),
    _dropView: (name) => attempt(() => must('DELETE', '/_api/view/' + name)),
    _view: (name) => attempt(() => must('GET', '/_api/view/' + name)) || null,
    _flushCache: () => undefined,
    _connection: arango,
  };
  const db = new Proxy(own, {
    get: (target, name) => name in target || typeof name !== 'string' ? target[name] : new Collection({name}),
    set: () => true,
  });

  // ---- modules

  const user = (name, ...more) => '/_api/user/' + [name, ...more].map(encodeURIComponent).join('/');
  const users = {
    save: (name, passwd, active, extra) => must('POST', '/_api/user', {user: name, passwd, active, extra}),
    remove: (name) => must('DELETE', user(name)),
    update: (name, passwd, active, extra) => must('PATCH', user(name), {passwd, active, extra}),
    replace: (name, passwd, active, extra) => must('PUT', user(name), {passwd, active, extra}),
    document: (name) => must('GET', user(name)),
    exists: (name) => send('GET', user(name)).code < 400,
    all: () => must('GET', '/_api/user').result,
    toArray: () => users.all(),
    reload: () => undefined,
    permission: (name, where, collection) =>
      must('GET', user(name, 'database', ...[where, collection].filter(Boolean))).result,
    grantDatabase: (name, where, grant) => must('PUT', user(name, 'database', where), {grant: grant || 'rw'}),
    revokeDatabase: (name, where) => must('DELETE', user(name, 'database', where)),
    grantCollection: (name, where, collection, grant) =>
      must('PUT', user(name, 'database', where, collection), {grant: grant || 'rw'}),
    revokeCollection: (name, where, collection) => must('DELETE', user(name, 'database', where, collection)),
  };

  const list = (value) => value === undefined ? [] : Array.isArray(value) ? value : [value];
  const relation = (collection, from, to) => ({collection, from: list(from), to: list(to)});
  const members = (name) => ({
    _name: name,
    _at: (part) => `/_api/gharial/${name}/${part}`,
    _addVertexCollection(collection) { return must('POST', this._at('vertex'), {collection}); },
    _removeVertexCollection(collection) { return must('DELETE', this._at('vertex/' + collection)); },
    _orphanCollections() { return must('GET', '/_api/gharial/' + name).graph.orphanCollections; },
    _vertexCollections() { return must('GET', this._at('vertex')).collections; },
    _edgeCollections() { return must('GET', this._at('edge')).collections; },
    _extendEdgeDefinitions(definition) { return must('POST', this._at('edge'), definition); },
    _editEdgeDefinitions(definition) { return must('PUT', this._at('edge/' + definition.collection), definition); },
    _deleteEdgeDefinition(collection) { return must('DELETE', this._at('edge/' + collection)); },
  });
  const graphs = {
    _relation: relation,
    _edgeDefinitions: (...definitions) => definitions,
    _extendEdgeDefinitions: (known, ...more) => known.push(...more),
    _create: (name, edgeDefinitions, orphans, options) => {
      must('POST', '/_api/gharial', {name, edgeDefinitions, orphanCollections: list(orphans), options});
      return graphs._graph(name);
    },
    _graph: (name) => new Proxy(members(name), {
      get: (target, part) => part in target || typeof part !== 'string' ? target[part] : db[part],
    }),
    _exists: (name) => send('GET', '/_api/gharial/' + name).code < 400,
    _drop: (name, withCollections) =>
      must('DELETE', `/_api/gharial/${name}?dropCollections=${!!withCollections}`).removed,
    _list: () => must('GET', '/_api/gharial').graphs.map((graph) => graph._key),
  };

  function fill(collections) {
    for (const [name, documents] of Object.entries(collections)) {
      for (const document of documents) db[name].save(document);
    }
  }
  const examples = {
    loadGraph: (name) => {
      const {edgeDefinitions, ...collections} = graphData[name];
      graphs._create(name, edgeDefinitions);
      fill(collections);
      return graphs._graph(name);
    },
    dropGraph: (name) => attempt(() => graphs._drop(name, true)),
  };
  global.__load = (name) => {
    if (name in graphData) return examples.loadGraph(name);
    if (!(name in tables)) throw new Error(`unknown data set ${name}`);
    Object.keys(tables[name]).forEach((collection) => db._create(collection));
    return fill(tables[name]);
  };

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
  const assertions = new Proxy({}, {get: () => () => undefined});
  const modules = {
    '@arangodb': {db, arango, ArangoError, errors: {}, print: () => undefined, time: () => Date.now() / 1000,
                  aql: (parts, ...values) => ({
                    query: parts.reduce((text, part, i) => `${text}@value${i - 1}${part}`),
                    bindVars: Object.fromEntries(values.map((value, i) => [`value${i}`, value]))})},
    '@arangodb/users': users,
    '@arangodb/general-graph': graphs,
    '@arangodb/graph-examples/example-graph': examples,
    '@arangodb/aql/queries': kept('/_api/query'),
    '@arangodb/aql/cache': kept('/_api/query-cache'),
    '@arangodb/aql/functions': functions,
    'internal': {db, arango, wal: {flush: () => undefined, properties: () => ({})}, errors: {},
                 wait: () => undefined, sleep: () => undefined, time: () => Date.now() / 1000,
                 print: () => undefined},
    'jsunity': {jsUnity: {assertions}},
  };

  function request(method, path, body, headers) {
    return send(method, path, body, Object.assign({accept: 'application/json'}, headers));
  }
  const log = (reply) => { global.__logged.push(reply); };
  const silent = () => undefined;
  Object.assign(global, {
    db, arango, ArangoError,
    require: (name) => {
      const found = modules[name.replace(/\.js$/, '')];
      if (!found) throw new Error(`the test's arangosh has no module ${name}`);
      return found;
    },
    assert: silent, print: silent, assertEqual: silent, assertTrue: silent,
    console: {log: silent, error: silent, warn: silent},
    curlRequest: (...given) => request(...given),
  });
  for (const name of ['logCurlRequest', 'logCurlRequestRaw', 'logCurlRequestPlain']) global[name] = request;
  for (const form of ['Json', 'JsonL', 'Raw', 'Plain', 'Html', 'Error']) global[`log${form}Response`] = log;
})(globalThis);
