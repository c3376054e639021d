package db

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// convert turns the parameters of a statement into what the driver takes, the
// same on both databases: whole numbers, floats, booleans, texts, bytes,
// instants. Anything else (arrays, maps, a bare time.Time) is refused here,
// so that it is refused on both.
func (tx *Tx) convert(args []any) ([]any, error) {
	out := make([]any, len(args))
	for i, arg := range args {
		v, err := tx.convertOne(arg)
		if err != nil {
			return nil, fmt.Errorf("parameter $%d: %w", i+1, err)
		}
		out[i] = v
	}
	return out, nil
}

func (tx *Tx) convertOne(arg any) (any, error) {
	switch v := arg.(type) {
	case nil, string, int64, bool:
		return v, nil
	case int:
		return int64(v), nil
	case Time:
		return tx.instant(v), nil
	case *Time:
		if v == nil {
			return nil, nil
		}
		return tx.instant(*v), nil
	}
	v, err := driver.DefaultParameterConverter.ConvertValue(arg)
	if err != nil {
		return nil, err
	}
	switch v := v.(type) {
	case time.Time:
		return nil, fmt.Errorf("%T: an instant crosses as db.Time", arg)
	case []byte:
		if v == nil { // the drivers differ on it
			return nil, nil
		}
	}
	return v, nil
}

func (tx *Tx) instant(t Time) any {
	switch {
	case t.IsZero():
		return nil
	case tx.db.dialect == Postgres:
		return t.t
	default:
		return t.String()
	}
}
