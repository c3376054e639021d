package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Serve runs the program until ctx ends: web, tasks and messages.
func Serve(ctx context.Context, cfg Config, log *slog.Logger) error {
	if err := Migrate(ctx, cfg); err != nil {
		return err
	}
	s, err := New(ctx, cfg, Options{Log: log})
	if err != nil {
		return err
	}
	defer s.Close()
	l, err := net.Listen("tcp", cfg.Ecoute)
	if err != nil {
		return fmt.Errorf("l'adresse d'écoute %s n'est pas libre : %w", cfg.Ecoute, err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	background := make(chan error, 1)
	go func() { background <- s.Run(ctx) }()
	if cfg.Metriques != "" {
		if err := s.serveMetrics(ctx, cfg.Metriques); err != nil {
			return err
		}
	}
	log.InfoContext(ctx, "ready", "origine", cfg.Origine, "ecoute", l.Addr().String())
	err = Listen(ctx, l, s.Handler())
	cancel()
	return errors.Join(err, <-background)
}

// Listen serves HTTP until ctx ends, then lets what runs finish.
func Listen(ctx context.Context, l net.Listener, h http.Handler) error {
	srv := &http.Server{
		Handler: h, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second, WriteTimeout: 30 * time.Second,
		IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10,
	}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := srv.Shutdown(stop); err != nil {
		return errors.Join(err, srv.Close())
	}
	return nil
}

// serveMetrics exposes the figures on an address of their own, never on the
// public one.
func (s *Server) serveMetrics(ctx context.Context, address string) error {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("l'adresse des métriques %s n'est pas libre : %w", address, err)
	}
	go func() {
		if err := Listen(ctx, l, s.Metrics.Handler()); err != nil {
			s.log.ErrorContext(ctx, "metrics stopped", "erreur", err)
		}
	}()
	return nil
}
