System.Console.WriteLine("rindoku");
