// As much of arangosh as the recorded exchanges use, over __http(method, path, body, headers).
(function (global) {
  'use strict';
  const http = global.__http;
  global.__replies = [];

  function send(method, path, body, headers) {
    const given = body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body);
    return JSON.parse(http(method, path, given, JSON.stringify(headers || {})));
  }
  function must(method, path, body) {
    const reply = send(method, path, body);
    if (reply.code >= 400) {
      const error = new Error(`${method} ${path}: ${reply.body}`);
      error.errorNum = reply.parsedBody && reply.parsedBody.errorNum;
      throw error;
    }
    return reply.parsedBody;
  }
  const quietly = (work) => { try { return work(); } catch (error) { return undefined; } };

  class Collection {
    constructor(told) { this._name = told.name; this._id = told.id; }
    name() { return this._name; }
    save(document) { return must('POST', '/_api/document/' + this._name, document); }
    insert(document) { return this.save(document); }
    remove(id) { return must('DELETE', '/_api/document/' + (id.includes('/') ? id : this._name + '/' + id)); }
    document(key) { return must('GET', `/_api/document/${this._name}/${key}`); }
    any() { return must('PUT', '/_api/simple/all', {collection: this._name}).result[0]; }
    count() { return must('GET', `/_api/collection/${this._name}/count`).count; }
    ensureIndex(spec) { return must('POST', '/_api/index?collection=' + this._name, spec); }
    properties() { return must('GET', `/_api/collection/${this._name}/properties`); }
  }
  const make = (name, options) =>
    new Collection(must('POST', '/_api/collection', Object.assign({name}, options)));
  const own = {
    _create: (name, options) => make(name, options),
    _createEdgeCollection: (name) => make(name, {type: 3}),
    _drop: (name) => quietly(() => must('DELETE', '/_api/collection/' + name)),
    _collection: (name) => quietly(() => new Collection(must('GET', '/_api/collection/' + name))),
    _createDatabase: (name) => must('POST', '/_api/database', {name}),
    _dropDatabase: (name) => must('DELETE', '/_api/database/' + name),
    _useDatabase: () => true,
    _query: (query, bindVars) => ({toArray: () => must('POST', '/_api/cursor', {query, bindVars}).result}),
    _flushCache: () => undefined,
    _createTransaction: (body) => {
      const id = must('POST', '/_api/transaction/begin', body).result.id;
      return {id: () => id, abort: () => send('DELETE', '/_api/transaction/' + id),
              commit: () => send('PUT', '/_api/transaction/' + id)};
    },
    _connection: {DELETE: (path) => send('DELETE', path).parsedBody,
                  GET: (path) => send('GET', path).parsedBody,
                  POST: (path, body) => send('POST', path, body).parsedBody,
                  PUT: (path, body) => send('PUT', path, body).parsedBody},
  };
  const db = new Proxy(own, {
    get: (target, name) => name in target || typeof name !== 'string' ? target[name]
      : new Collection({name, id: name}),
    set: () => true,
  });

  const users = {
    save: (user, passwd) => must('POST', '/_api/user', {user, passwd}),
    remove: (user) => must('DELETE', '/_api/user/' + user),
    grantDatabase: (user, name, grant) => must('PUT', `/_api/user/${user}/database/${name}`, {grant: grant || 'rw'}),
    grantCollection: (user, name, collection, grant) =>
      must('PUT', `/_api/user/${user}/database/${name}/${collection}`, {grant: grant || 'rw'}),
  };
  const graphs = {
    _create: (name, edgeDefinitions, orphanCollections) => {
      must('POST', '/_api/gharial', {name, edgeDefinitions, orphanCollections});
      return graphs._graph(name);
    },
    _graph: (name) => db,
    _exists: (name) => send('GET', '/_api/gharial/' + name).code < 400,
    _drop: (name, withCollections) => must('DELETE', `/_api/gharial/${name}?dropCollections=${!!withCollections}`),
    _list: () => must('GET', '/_api/gharial').graphs.map((graph) => graph._key),
  };
  const examples = {
    social: () => {
      graphs._create('social', [{collection: 'relation', from: ['female', 'male'], to: ['female', 'male']}]);
      const [alice, diana] = ['alice', 'diana'].map((_key) => db.female.save({_key, name: _key})._id);
      const [bob, charly] = ['bob', 'charly'].map((_key) => db.male.save({_key, name: _key})._id);
      [[alice, bob, 'married'], [alice, charly, 'friend'], [charly, diana, 'married'], [bob, diana, 'friend']]
        .forEach(([_from, _to, type]) => db.relation.save({_from, _to, type, vertex: _from.split('/')[1]}));
    },
    routeplanner: () => {
      const german = ['germanCity'], french = ['frenchCity'], all = ['frenchCity', 'germanCity'];
      graphs._create('routeplanner', [
        {collection: 'frenchHighway', from: french, to: french},
        {collection: 'germanHighway', from: german, to: german},
        {collection: 'internationalHighway', from: all, to: all}]);
    },
  };
  const modules = {
    '@arangodb': {db},
    '@arangodb/users': users,
    '@arangodb/general-graph': graphs,
    '@arangodb/graph-examples/example-graph.js': {
      loadGraph: (name) => { examples[name](); return db; },
      dropGraph: (name) => quietly(() => graphs._drop(name, true)),
    },
    'internal': {db, wal: {flush: () => undefined}, wait: () => undefined, sleep: () => undefined},
    'jsunity': {jsUnity: {assertions: {assertEqual: () => undefined, assertTrue: () => undefined}}},
  };

  Object.assign(global, {
    db,
    require: (name) => {
      if (!(name in modules)) throw new Error(`unknown module ${name}`);
      return modules[name];
    },
    assert: () => undefined,
    assertEqual: () => undefined,
    print: () => undefined,
    logCurlRequest: (method, path, body, headers) => {
      const reply = send(method, path, body, headers);
      global.__replies.push(reply);
      return reply;
    },
    logJsonResponse: () => undefined,
    logRawResponse: () => undefined,
    logPlainResponse: () => undefined,
    logHtmlResponse: () => undefined,
    logErrorResponse: () => undefined,
  });
  global.logCurlRequestRaw = global.logCurlRequestPlain = global.logCurlRequest;
})(globalThis);
