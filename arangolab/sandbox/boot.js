(function (global, host) {
  'use strict';
  const parse = JSON.parse, stringify = JSON.stringify;

  class ArangoError extends Error {
    constructor(details) {
      super((details && details.errorMessage) || '');
      this.name = 'ArangoError';
      this.error = true;
      this.errorNum = (details && details.errorNum) || 0;
      this.code = (details && details.code) || 0;
      this.errorMessage = this.message;
    }
  }

  function ask(operation, ...args) {
    const answer = parse(host(operation, stringify(args)));
    if (answer.error) throw new ArangoError(answer);
    return answer.result;
  }

  class Cursor {
    constructor(answer) {
      this._rows = answer.rows;
      this._extra = answer.extra;
      this._at = 0;
    }
    hasNext() { return this._at < this._rows.length; }
    next() {
      if (!this.hasNext()) throw new ArangoError({errorNum: 1600, code: 404, errorMessage: 'cursor not found'});
      return this._rows[this._at++];
    }
    toArray() {
      const rest = this._rows.slice(this._at);
      this._at = this._rows.length;
      return rest;
    }
    forEach(callback) { while (this.hasNext()) callback(this.next()); }
    count() { return this._rows.length; }
    getExtra() { return this._extra; }
    dispose() { this._rows = []; }
    [Symbol.iterator]() {
      return {next: () => this.hasNext() ? {value: this.next(), done: false} : {value: undefined, done: true}};
    }
  }
  Cursor.prototype.close = Cursor.prototype.dispose;

  function keyOf(selector) {
    return selector !== null && typeof selector === 'object' ? (selector._key || selector._id) : selector;
  }

  class Collection {
    constructor(name) { this._name = name; }
    name() { return this._name; }
    type() { return ask('type', this._name); }
    document(selector) { return ask('document', this._name, keyOf(selector)); }
    exists(selector) { return ask('exists', this._name, keyOf(selector)); }
    insert(document, options) { return ask('insert', this._name, document, options || {}); }
    update(selector, patch, options) { return ask('update', this._name, keyOf(selector), patch, options || {}); }
    replace(selector, document, options) { return ask('replace', this._name, keyOf(selector), document, options || {}); }
    remove(selector, options) { return ask('remove', this._name, keyOf(selector), options || {}); }
    truncate() { ask('truncate', this._name); }
    count() { return ask('count', this._name); }
    byExample(example) { return new Cursor({rows: ask('byExample', this._name, example), extra: {}}); }
    firstExample(example) {
      const found = ask('byExample', this._name, example);
      return found.length ? found[0] : null;
    }
    all() { return new Cursor({rows: ask('all', this._name), extra: {}}); }
    toArray() { return ask('all', this._name); }
    any() { const all = this.toArray(); return all.length ? all[Math.floor(Math.random() * all.length)] : null; }
    outEdges(vertex) { return ask('edges', this._name, idOf(vertex), 'outbound'); }
    inEdges(vertex) { return ask('edges', this._name, idOf(vertex), 'inbound'); }
    edges(vertex) { return ask('edges', this._name, idOf(vertex), 'any'); }
  }
  Collection.prototype.save = Collection.prototype.insert;

  const known = {
    get(target, name) {
      if (typeof name !== 'string' || name in target || name === 'toJSON') return target[name];
      throw new ArangoError({
        errorNum: 9, code: 501, errorMessage: `db.${target._name}.${name} is not supported by the arangolab sandbox`});
    },
  };
  const collection = (name) => new Proxy(new Collection(name), known);

  function idOf(vertex) { return vertex !== null && typeof vertex === 'object' ? vertex._id : vertex; }

  function aqlParts(strings, ...values) {
    const bindVars = {};
    let query = strings[0];
    values.forEach((value, i) => {
      if (value instanceof Collection) { query += '@@value' + i; bindVars['@value' + i] = value.name(); }
      else { query += '@value' + i; bindVars['value' + i] = value; }
      query += strings[i + 1];
    });
    return {query, bindVars};
  }

  function query(text, bindVars, options, more) {
    if (text !== null && typeof text === 'object') {
      options = Object.assign({}, text.options, options);
      bindVars = text.bindVars;
      text = text.query;
    }
    return new Cursor(ask('query', text, bindVars || {}, Object.assign({}, options, more)));
  }

  const own = {
    _query: query,
    _createStatement: (statement) => ({execute: () => query(statement)}),
    _collection: (name) => ask('has', name) ? collection(name) : null,
    _document: (id) => own._collection(id.split('/')[0]).document(id.split('/')[1]),
    _exists: (id) => own._collection(id.split('/')[0]).exists(id.split('/')[1]),
    _name: () => ask('database'),
    _isSystem: () => ask('database') === '_system',
  };
  const db = new Proxy(own, {
    get(target, name) {
      if (typeof name !== 'string' || name in target) return target[name];
      if (ask('has', name)) return collection(name);
      if (name[0] === '_') throw new ArangoError({
        errorNum: 9, code: 501, errorMessage: `db.${name} is not supported by the arangolab sandbox`});
      return undefined;
    },
  });

  const errors = {};
  [['ERROR_ARANGO_CONFLICT', 1200], ['ERROR_ARANGO_DOCUMENT_NOT_FOUND', 1202],
   ['ERROR_ARANGO_DATA_SOURCE_NOT_FOUND', 1203], ['ERROR_ARANGO_UNIQUE_CONSTRAINT_VIOLATED', 1210],
   ['ERROR_LOCK_TIMEOUT', 18]].forEach(([name, code]) => { errors[name] = {code, message: name}; });
  const silent = () => undefined;
  const console = {log: silent, info: silent, warn: silent, error: silent, debug: silent};
  const arangodb = {db, aql: aqlParts, query: aqlParts, ArangoError, errors};
  const modules = {
    '@arangodb': arangodb,
    'org/arangodb': arangodb,
    'internal': {db, ArangoError, errors, time: () => ask('time'), print: silent},
    'console': console,
  };
  global.require = function (name) {
    if (Object.prototype.hasOwnProperty.call(modules, name)) return modules[name];
    throw new ArangoError({errorNum: 9, code: 501,
      errorMessage: `module '${name}' is not supported by the arangolab sandbox`});
  };
  global.console = console;
  global.ArangoError = ArangoError;
  global.print = silent;
  if (typeof global.performance === 'undefined') global.performance = {now: () => Date.now()};

  function told(error) {
    if (error instanceof ArangoError || (error && typeof error === 'object' && error.errorNum)) {
      return {error: true, errorNum: error.errorNum, code: error.code, errorMessage: error.errorMessage || error.message || ''};
    }
    if (error instanceof Error) {
      return {error: true, errorNum: 1650, code: 500, errorMessage: `${error.name}: ${error.message}`,
              interrupted: error instanceof InternalError};
    }
    return {error: true, errorNum: 1650, code: 500,
            errorMessage: typeof error === 'string' ? error : stringify(error) || String(error)};
  }

  let compiled = new Map();
  function action(source) {
    let made = compiled.get(source);
    if (made === undefined) {
      const value = Function('return (' + source + ');');
      made = () => {
        const run = value();
        if (typeof run !== 'function') throw new TypeError('action is not a function');
        return run;
      };
      if (compiled.size >= 100) compiled = new Map();
      compiled.set(source, made);
    }
    return made();
  }

  return function (source, params) {
    let run;
    try {
      run = action(source);
    } catch (error) {
      return stringify({error: true, errorNum: 10, code: 400, errorMessage:
        `missing/invalid action definition for transaction - ${error.name}: ${error.message}`});
    }
    try {
      const result = run(parse(params));
      return stringify({result: result === undefined ? null : result});
    } catch (error) {
      return stringify(told(error));
    }
  };
})
