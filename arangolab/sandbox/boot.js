(function (global) {
  'use strict';
  const host = global.__host;
  delete global.__host;
  const {parse, stringify} = JSON, {isArray, prototype: {forEach, map}} = Array, {apply} = Reflect;

  // No clock stops a native while it walks a length: it is refused long ones, and pays for others
  // in steps of JavaScript, which look at the clock.
  const LONGEST = 2 ** 22, typed = Object.getPrototypeOf(Uint8Array);
  function pay(steps, name) {
    if (steps > LONGEST) throw new RangeError(`${name} of more than ${LONGEST} elements`);
    for (let left = steps >> 7; left > 0; left--);
  }
  const guarded = (native, name) => ({[name](...given) {
    pay(this?.length, name);
    for (let i = 0; i < given.length; i++)
      if (typeof given[i] === 'string') pay(this?.length * given[i].length / 256, name);
      else { pay(given[i]?.length, name); pay(given[i]?.raw?.length, name); }
    return apply(native, this, given);
  }})[name];
  const scripted = {
    flat(depth = 1, made = []) {
      pay(this.length, 'flat');
      forEach.call(this, (value) => depth >= 1 && isArray(value)
        ? scripted.flat.call(value, depth - 1, made) : made.push(value));
      return made;
    },
    flatMap(...given) { return scripted.flat.call(apply(map, this, given)); },
    toJSON() { pay(this.length, 'JSON'); return this; },
  };
  for (const [owner, names] of [
    [Array.prototype, 'concat copyWithin flat flatMap join reverse shift slice sort splice toJSON'],
    [Array.prototype, 'toLocaleString unshift'], [typed, 'from'], [JSON, 'stringify'],
    [typed.prototype, 'join set sort toLocaleString'], [String, 'raw'],
    [String.prototype, 'includes indexOf lastIndexOf normalize replace replaceAll split'],
  ]) for (const name of names.split(' ')) {
    const value = scripted[name] || guarded(owner[name], name);
    Object.defineProperty(owner, name, {value});
  }

  class ArangoError extends Error {
    constructor({errorNum = 0, code = 0, errorMessage = ''} = {}) {
      super(errorMessage);
      Object.assign(this, {name: 'ArangoError', error: true, errorNum, code, errorMessage});
    }
  }
  const refusal = (errorNum, code, errorMessage) => new ArangoError({errorNum, code, errorMessage});
  const unknown = (what) => refusal(9, 501, `${what} is not supported by the arangolab sandbox`);

  function ask(operation, ...args) {
    const answer = parse(host(operation, stringify(args)));
    if (answer.error) throw new ArangoError(answer);
    return answer.result;
  }

  // What the target lacks is made by ``otherwise``, or refused by name.
  const completed = (target, otherwise) => new Proxy(target, {get: (_, name) =>
    typeof name !== 'string' || name in target ? target[name] : otherwise(name)});
  const whole = (target, called) => completed(target, (missing) => {
    if (missing !== 'toJSON') throw unknown(`${called}.${missing}`);
  });

  class Cursor {
    _rows; _extra; _at = 0;
    constructor(rows, extra = {}) { this._rows = rows; this._extra = extra; }
    hasNext() { return this._at < this._rows.length; }
    next() {
      if (this.hasNext()) return this._rows[this._at++];
      throw refusal(1600, 404, 'cursor not found');
    }
    toArray() { return this._rows.slice(this._at, this._at = this._rows.length); }
    forEach(callback) { while (this.hasNext()) callback(this.next()); }
    count() { return this._rows.length; }
    getExtra() { return this._extra; }
    dispose() { this._rows = []; }
    *[Symbol.iterator]() { while (this.hasNext()) yield this.next(); }
  }
  Object.setPrototypeOf(Cursor.prototype, whole({}, 'cursor'));

  class Collection {
    constructor(name) { this._name = name; }
    name() { return this._name; }
    byExample(...given) {  // an object, or names and values in turn
      const [example] = given.length > 1 ? [{}] : given;
      for (let i = 0; i + 1 < given.length; i += 2) example[given[i]] = given[i + 1];
      if (Object(example) !== example) throw refusal(10, 400, 'an example must be an object');
      return new Cursor(ask('byExample', this._name, example));
    }
    firstExample(...given) { return this.byExample(...given).toArray()[0] || null; }
    all() { return this.byExample({}); }
    toArray() { return this.all().toArray(); }
  }
  for (const [name, question, ...places] of [
    ['document', 'GET', 0, 9, 9], ['insert', 'POST', 9, 0, 1], ['remove', 'DELETE', 0, 9, 1],
    ['replace', 'PUT', 0, 1, 2], ['save', 'POST', 9, 0, 1], ['update', 'PATCH', 0, 1, 2],
    ['count', 'count'], ['exists', 'exists', 0], ['truncate', 'truncate'],
  ]) Collection.prototype[name] = function (...given) {
    return ask(question, this._name, ...places.map((place) => given[place]));
  };
  const collection = (name) => whole(new Collection(name), `db.${name}`);

  const aql = whole(function aql(strings, ...values) {
    const bindVars = {}, query = strings.reduce((text, part, i) => {
      const value = values[i - 1], isName = value instanceof Collection;
      const name = (isName ? '@value' : 'value') + i;
      bindVars[name] = isName ? value.name() : value;
      return text + '@' + name + part;
    });
    return {query, bindVars};
  }, 'aql');

  const db = completed({
    _query(text, ...more) {  // an object or a text and its bind variables; options, once or twice
      const given = text?.query ? text : {query: text, bindVars: more.shift()};
      const options = Object.assign({}, given.options, ...more);
      const {rows, extra} = ask('query', given.query, {...given.bindVars}, options);
      return new Cursor(rows, extra);
    },
    _collection: (name) => ask('has', name) ? collection(name) : null,
    _name: () => ask('database'),
    _document: (id) => collection(id.split('/')[0]).document(id),
  }, (name) => {
    if (ask('has', name)) return collection(name);
    if (name[0] === '_') throw unknown(`db.${name}`);
  });

  const codes = {}, errors = whole(codes, 'errors');
  for (const [name, code] of Object.entries({
    ARANGO_CONFLICT: 1200, ARANGO_DOCUMENT_NOT_FOUND: 1202, ARANGO_DATA_SOURCE_NOT_FOUND: 1203,
    ARANGO_UNIQUE_CONSTRAINT_VIOLATED: 1210, LOCK_TIMEOUT: 18,
  })) codes['ERROR_' + name] = {code, message: 'ERROR_' + name};
  const print = () => undefined;
  const modules = {
    console: {log: print, info: print, warn: print, error: print, debug: print},
    internal: {db, ArangoError, errors, print, time: () => Date.now() / 1000},
    '@arangodb': {db, aql, query: aql, ArangoError, errors},
  };
  for (const name in modules) modules[name] = whole(modules[name], name);
  function require(name) {
    if (Object.hasOwn(modules, name)) return modules[name];
    throw unknown(`module '${name}'`);
  }
  Object.assign(global, {require, console: require('console'), ArangoError, print});

  function told(error) {
    if (typeof error === 'object' && (error?.errorNum || error instanceof ArangoError)) {
      const {errorNum, code, errorMessage, message} = error;
      return {error: true, errorNum: errorNum > 0 && errorNum < 65536 ? errorNum | 0 : 1650,
              code: code >= 400 && code < 600 ? code | 0 : 0,
              errorMessage: errorMessage || message || ''};
    }
    const errorMessage = error instanceof Error ? `${error.name}: ${error.message}`
      : typeof error === 'string' ? error : stringify(error) || String(error);
    const interrupted = error instanceof InternalError;
    return {error: true, errorNum: 1650, code: 500, errorMessage, interrupted};
  }

  const compiled = new Map();
  function action(source) {
    try {
      if (compiled.size >= 100) compiled.clear();
      if (!compiled.has(source)) compiled.set(source, Function('return (' + source + ');'));
      const run = compiled.get(source)();
      if (typeof run === 'function') return run;
      throw new TypeError('action is not a function');
    } catch ({name, message}) {
      const said = 'missing/invalid action definition for transaction';
      throw refusal(10, 400, `${said} - ${name}: ${message}`);
    }
  }

  return function (source, params) {
    delete global.__arm;
    try {
      return stringify({result: action(source)(parse(params))});
    } catch (error) {
      return stringify(told(error));
    }
  };
})(globalThis);
