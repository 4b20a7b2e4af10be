// As much of arangosh as short scripts use, over __http(method, path, body, headers): requests,
// queries, collections and db; the modules that a script may require are in modules.js.
(function (global) {
  'use strict';
  const http = global.__http;
  let database = '_system';

  // ---- requests

  class ArangoError extends Error {}
  function send(method, path, body, headers) {
    const given = body === undefined || body === null ? ''
      : typeof body === 'string' ? body : JSON.stringify(body);
    const at = path.startsWith('/_db/') ? path : `/_db/${database}${path}`;
    const reply = JSON.parse(http(method, at, given, JSON.stringify(headers || {})));
    if (!reply) throw new Error('the script makes too many requests');
    return reply;
  }
  function must(method, path, body, headers) {
    const reply = send(method, path, body, headers);
    if (reply.code >= 400) {
      const told = reply.parsedBody || {};
      throw Object.assign(new ArangoError(told.errorMessage || reply.body), told);
    }
    return reply.parsedBody;
  }
  const attempt = (work) => { try { return work(); } catch (error) { return undefined; } };
  const query = (parts) => {
    const pairs = Object.entries(parts || {}).filter(([, value]) => value !== undefined);
    return pairs.length ? '?' + pairs.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&') : '';
  };
  const arango = {
    getDatabaseName: () => database,
    getEndpoint: () => 'tcp://127.0.0.1:8529',
    isConnected: () => true,
  };
  for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS']) {
    const bodiless = method === 'GET' || method === 'HEAD';
    const raw = (path, body, headers) => bodiless ? send(method, path, '', body) : send(method, path, body, headers);
    arango[method + '_RAW'] = raw;
    arango[method] = (...given) => raw(...given).parsedBody;
  }

  // ---- queries

  function fetched(first, headers) {
    const rows = first.result.slice();
    for (let batch = first; batch.hasMore;) {
      batch = must('POST', '/_api/cursor/' + first.id, '', headers);
      rows.push(...batch.result);
    }
    return rows;
  }
  class Rows {
    constructor(fetch) { this._fetch = fetch; this._at = 0; }
    _all() { return this._rows = this._rows || this._fetch(); }
    toArray() { return this._all().slice(this._at, this._at = this._all().length); }
    hasNext() { return this._at < this._all().length; }
    next() { return this._all()[this._at++]; }
    forEach(callback) { while (this.hasNext()) callback(this.next()); }
    *[Symbol.iterator]() { while (this.hasNext()) yield this.next(); }
    count() { return this._all().length; }
    dispose() {}
  }
  class Cursor extends Rows {
    constructor(body, headers) {
      const first = must('POST', '/_api/cursor', body, headers);
      super(() => fetched(first, headers));
      this._first = first;
    }
    count() { return this._first.count; }
    getExtra() { return this._first.extra; }
  }
  const given = (text, bindVars, options) => {
    const {query: words, ...rest} = typeof text === 'object' ? text : {query: text, bindVars};
    return {query: String(words), ...rest, options: {...rest.options, ...options}};
  };
  const simple = (name, body) => Object.assign(
    new Rows(() => fetched(must('PUT', '/_api/simple/' + name, body))),
    {limit: (limit) => simple(name, {...body, limit}), skip: (skip) => simple(name, {...body, skip})});
  class Statement {
    constructor(text) { this._body = typeof text === 'string' ? {query: text} : {...text}; }
    bind(name, value) {
      const more = typeof name === 'object' ? name : {[name]: value};
      this._body.bindVars = {...this._body.bindVars, ...more};
    }
    execute() { return new Cursor(this._body); }
    explain(options) { return must('POST', '/_api/explain', {...this._body, options}); }
    parse() { return must('POST', '/_api/query', {query: this._body.query}); }
  }
  for (const part of ['query', 'options', 'count', 'batchSize', 'ttl', 'cache']) {
    const name = part[0].toUpperCase() + part.slice(1);
    Statement.prototype['set' + name] = function (value) { this._body[part] = value; };
    Statement.prototype['get' + name] = function () { return this._body[part]; };
  }

  // ---- collections

  const identifier = (given) => typeof given === 'object' ? given._id || given._key : String(given);
  class Collection {
    constructor(told, headers) {
      this._name = told.name;
      this._id = told.id;
      this._headers = headers;
    }
    name() { return this._name; }
    toString() { return `[ArangoCollection "${this._name}"]`; }
    type() { return this._told('').type; }
    status() { return this._told('').status; }
    _must(method, path, body) { return must(method, path, body, this._headers); }
    _told(part, method, body) { return this._must(method || 'GET', `/_api/collection/${this._name}${part}`, body); }
    _at(given) {
      const id = identifier(given);
      return '/_api/document/' + (id.includes('/') ? id : `${this._name}/${id}`);
    }
    save(...given) {
      const isEdge = typeof given[0] === 'string' || typeof given[1] === 'string' || (given[1] || {})._id;
      const [document, options] = isEdge
        ? [{...given[2], _from: identifier(given[0]), _to: identifier(given[1])}, given[3]] : given;
      return this._must('POST', '/_api/document/' + this._name + query(options), document);
    }
    insert(...given) { return this.save(...given); }
    document(given) {
      return Array.isArray(given)
        ? this._must('PUT', `/_api/document/${this._name}?onlyget=true`, given)
        : this._must('GET', this._at(given));
    }
    exists(given) { return attempt(() => this.document(given)) || false; }
    documents(keys) { return {documents: this.document(keys)}; }
    _change(method, given, body, options) {
      if (!Array.isArray(given)) return this._must(method, this._at(given) + query(options), body);
      return this._must(method, '/_api/document/' + this._name + query(options), method === 'DELETE' ? given : body);
    }
    update(given, body, options) { return this._change('PATCH', given, body, options); }
    replace(given, body, options) { return this._change('PUT', given, body, options); }
    remove(given, options) { return this._change('DELETE', given, undefined, options); }
    all() { return simple('all', {collection: this._name}); }
    toArray() { return this.all().toArray(); }
    any() { return this.toArray()[0]; }
    byExample(example) { return simple('by-example', {collection: this._name, example}); }
    firstExample(example) { return this.byExample(example).toArray()[0] || null; }
    _each(example, change) { return this.byExample(example).toArray().map(change).length; }
    removeByExample(example) { return this._each(example, (one) => this.remove(one)); }
    updateByExample(example, body) { return this._each(example, (one) => this.update(one, body)); }
    replaceByExample(example, body) { return this._each(example, (one) => this.replace(one, body)); }
    count() { return this._told('/count').count; }
    figures(details) { return this._told('/figures' + query({details})).figures; }
    revision() { return this._told('/revision').revision; }
    checksum(withRevisions, withData) { return this._told('/checksum' + query({withRevisions, withData})); }
    properties(change) { return change ? this._told('/properties', 'PUT', change) : this._told('/properties'); }
    rename(name) { this._told('/rename', 'PUT', {name}); this._name = name; }
    drop(options) { return own._drop(this._name, options); }
    ensureIndex(spec) { return must('POST', '/_api/index?collection=' + this._name, spec); }
    ensureGeoIndex(...fields) { return this.ensureIndex({type: 'geo', fields}); }
    getIndexes(withStats, withHidden) {
      return must('GET', '/_api/index' + query({collection: this._name, withStats, withHidden})).indexes;
    }
    indexes(...given) { return this.getIndexes(...given); }
    index(given) {
      const id = String(given.id || given);
      return must('GET', '/_api/index/' + (id.includes('/') ? id : `${this._name}/${id}`));
    }
    dropIndex(given) { return Boolean(attempt(() => must('DELETE', '/_api/index/' + this.index(given).id))); }
    edges(vertices, direction) {
      const found = [vertices].flat().flatMap((vertex) => must('GET',
        `/_api/edges/${this._name}` + query({vertex: identifier(vertex), direction})).edges);
      return found.filter((edge, i) => found.findIndex((other) => other._id === edge._id) === i);
    }
    inEdges(vertices) { return this.edges(vertices, 'in'); }
    outEdges(vertices) { return this.edges(vertices, 'out'); }
  }
  for (const action of ['truncate', 'load', 'unload', 'compact', 'recalculateCount', 'loadIndexesIntoMemory'])
    Collection.prototype[action] = function () { return this._told('/' + action, 'PUT'); };

  // ---- db

  const create = (name, options, type) => new Collection(
    must('POST', '/_api/collection', {...(type === undefined ? {} : {type}), ...options, name}));
  const named = (id) => new Collection({name: identifier(id).split('/')[0]});
  const ended = (method, id) => must(method, '/_api/transaction/' + id).result;
  const transaction = (id) => {
    const headers = {'x-arango-trx-id': id};
    return {
      _id: id,
      id: () => id,
      status: () => ended('GET', id),
      abort: () => ended('DELETE', id),
      commit: () => ended('PUT', id),
      running: () => ended('GET', id).status === 'running',
      query: (...text) => new Cursor(given(...text), headers),
      collection: (name) => new Collection({name: name._name || name}, headers),
    };
  };
  const own = {
    _create: (name, options, type) => create(name, options, type === 'edge' ? 3 : undefined),
    _createDocumentCollection: (name, options) => create(name, options, 2),
    _createEdgeCollection: (name, options) => create(name, options, 3),
    _drop: (name, options) => attempt(() => must('DELETE', '/_api/collection/' + (name._name || name)
      + query(options === true ? {isSystem: true} : options))),
    _truncate: (name) => named(name._name || name).truncate(),
    _collection: (name) => attempt(() => new Collection(must('GET', '/_api/collection/' + name))) || null,
    _collections: () => must('GET', '/_api/collection').result.map((told) => new Collection(told)),
    _name: () => database,
    _isSystem: () => database === '_system',
    _properties: () => must('GET', '/_api/database/current').result,
    _id: () => own._properties().id,
    _path: () => own._properties().path,
    _engine: () => must('GET', '/_api/engine'),
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
    _index: (id) => named(id.id || id).index(id),
    _dropIndex: (id) => named(id.id || id).dropIndex(id),
    _query: (text, binds, options, more) => new Cursor(given(text, binds, {...options, ...more})),
    _profileQuery: (text, binds, options) => own._query(text, binds, {profile: 2, ...options}),
    _parse: (text) => new Statement(text).parse(),
    _explain: () => undefined,
    _createStatement: (text) => new Statement(text),
    _executeTransaction: (body) => must('POST', '/_api/transaction', {...body, action: String(body.action)}).result,
    _createTransaction: (body) => transaction(must('POST', '/_api/transaction/begin', body).result.id),
    _transactions: () => must('GET', '/_api/transaction').transactions,
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

  Object.assign(global, {db, arango, ArangoError});
  global.__shell = {send, must, attempt, query, identifier, Collection};
})(globalThis);
