import { config } from 'zod';

// The page's security policy forbids code made from text, which zod would use to be faster.
config({ jitless: true });
